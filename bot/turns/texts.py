"""What the bot itself says, in English and in Chinese. Answers are never from here: people write those."""

from datetime import datetime

from bot.reply import Decision, Reply

LOCALES = ("en", "zh")

_TEXTS: dict[str, dict[str, str]] = {
    "welcome": {
        "en": "Hello! Ask me anything about your order, our products or our shop.",
        "zh": "您好！关于订单、商品或店铺的问题，都可以问我。",
    },
    "welcome_named": {
        "en": "Hello {name}! Ask me anything about your order, our products or our shop.",
        "zh": "{name}，您好！关于订单、商品或店铺的问题，都可以问我。",
    },
    "unsure": {
        "en": "I am not sure about that one, so I have asked a colleague to help. You can keep writing here.",
        "zh": "这个问题我没有把握，已请同事协助，您可以继续留言。",
    },
    "empty_memory": {
        "en": "I have not been taught any answers yet, so I have asked a colleague to help.",
        "zh": "我还没有学到任何答案，已请同事协助。",
    },
    "no_words": {
        "en": "I could not find a question in that. Could you put it in words?",
        "zh": "我没能从中看出问题，可以用文字描述一下吗？",
    },
    "no_words_in_image": {
        "en": "I could not find any text in your image. Could you say in words what it is about, or ask for a person?",
        "zh": "我没能在图片中找到文字。可以用文字描述一下问题，或者转人工客服吗？",
    },
    "unknown_language": {
        "en": "I do not know this language yet, so I have asked a colleague to help.",
        "zh": "我还不会这种语言，已请同事协助。",
    },
    "clarify": {
        "en": "Which of these is it about?",
        "zh": "您想问的是下面哪一个？",
    },
    "repeated": {
        "en": "I believe that what I said above answers this. If it does not, tell me more, or ask for a colleague.",
        "zh": "我想上面的回答说的就是这个。如果不是，请再说详细一些，或者让同事来帮您。",
    },
    "stuck": {
        "en": "I do not seem to get what you mean, so I have asked a colleague to help. You can keep writing here.",
        "zh": "我好像没能理解您的意思，已请同事协助，您可以继续留言。",
    },
    "upset": {
        "en": "I am sorry for the trouble. I have asked a colleague to take care of this; you can keep writing here.",
        "zh": "很抱歉给您添了麻烦，已请同事来处理，您可以继续留言。",
    },
    "greeting": {
        "en": "Hello! What can I do for you?",
        "zh": "您好！请问有什么可以帮您？",
    },
    "thanks": {
        "en": "You are welcome! Is there anything else?",
        "zh": "不客气！还有什么可以帮您吗？",
    },
    "goodbye": {
        "en": "Thank you for writing, and goodbye!",
        "zh": "感谢您的咨询，再见！",
    },
    "understood": {
        "en": "Good. Write to me whenever there is something else.",
        "zh": "好的，有其他问题随时告诉我。",
    },
    "one_moment": {
        "en": "One moment, please: that could not be taken just now. Send it again shortly.",
        "zh": "请稍等：暂时无法接收，请稍后再发一次。",
    },
    "answer_later": {
        "en": "One moment, please: the answer takes longer than usual. Your message is kept and will be answered.",
        "zh": "请稍等：回复比平时慢一些，您的消息已保存，稍后会回复。",
    },
    "away": {
        "en": " They are here again on {day} at {clock}.",
        "zh": "同事将于{day} {clock} 回来。",
    },
    "asked_for_person": {
        "en": "Of course. A colleague will be with you; you can keep writing here.",
        "zh": "好的，同事会来为您服务，您可以继续留言。",
    },
}

# What a refusal says where English is not read, by the code of its error; in English its own sentence does.
_REFUSALS: dict[str, dict[str, str]] = {
    "zh": {
        "rate_limited": "发送太频繁，请稍后再试。",
        "image_type": "只支持 PNG、JPEG、WebP 或 GIF 图片。",
        "image_too_large": "图片太大，最大 5 MB。",
        "image_damaged": "图片已损坏，无法打开。",
        "image_too_many_pixels": "图片像素过多，最多 2500 万。",
        "image_animated": "不支持动图，请发送静态图片。",
    },
}

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}


def locale_of(name: str | None) -> str:
    """The interface language for a locale name such as `zh-CN`: English unless it is Chinese."""
    return "zh" if (name or "").lower().startswith("zh") else "en"


def say(key: str, locale: str) -> str:
    """A text of the bot's own."""
    return _TEXTS[key][locale_of(locale)]


def welcome(locale: str, name: str | None = None) -> str:
    """The first words, to somebody who has a name if it is known."""
    return say("welcome_named", locale).replace("{name}", name) if name else say("welcome", locale)


def refusals(locale: str) -> dict[str, str]:
    """What a client says in place of an error's own sentence, by the error's code."""
    return _REFUSALS.get(locale_of(locale), {})


def person_asked(key: str, locale: str, opening: datetime | None) -> str:
    """What a customer is told who waits for a person, and when somebody will be there again if nobody is now."""
    if opening is None:
        return say(key, locale)
    day, clock = _DAYS[locale_of(locale)][opening.weekday()], f"{opening:%H:%M}"
    return say(key, locale) + say("away", locale).format(day=day, clock=clock)


def message_text(reply: Reply, locale: str, opening: datetime | None = None) -> str:
    """What the customer reads: the answer as a person wrote it, or what the bot says instead.

    The bot's own words are in the language of the turn when it has one of ours, else of the interface. `opening` is
    when somebody of the company will be there again, None when somebody is now.
    """
    if reply.decision is Decision.ANSWER and reply.answer is not None:
        return reply.answer.text
    language = reply.language if reply.language in LOCALES else locale
    if reply.decision is Decision.HANDOFF:
        return person_asked(reply.why, str(language), opening)
    return say(reply.why, str(language))
