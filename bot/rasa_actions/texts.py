"""What the Rasa actions themselves say, in English and in Chinese."""

_TEXTS: dict[str, dict[str, str]] = {
    "unavailable": {
        "en": "Sorry, I cannot look that up at the moment. Please try again in a minute.",
        "zh": "抱歉，我现在无法查询，请稍后再试。",
    },
    "no_words": {
        "en": "I could not find a question in that. Could you put it in words?",
        "zh": "我没能从中看出问题，可以用文字描述一下吗？",
    },
    "thanks": {"en": "Thank you for telling us.", "zh": "感谢您的反馈。"},
    "nothing_to_rate": {"en": "There is no answer to rate yet.", "zh": "目前还没有可以评价的回答。"},
    "ask_rating": {"en": "Was the answer helpful?", "zh": "这个回答有帮助吗？"},
    "weaver_up": {"en": "👍 This helped", "zh": "👍 有帮助"},
    "weaver_down": {"en": "👎 It did not", "zh": "👎 没帮助"},
    "handed_over": {
        "en": "I have asked a colleague to help. You can keep writing here.",
        "zh": "已请同事协助，您可以继续留言。",
    },
}


def say(key: str, locale: str) -> str:
    """A text of the actions' own, in one of the locales `en` and `zh`."""
    return _TEXTS[key][locale]
