"""The pages' own words, in English and in Chinese."""

from bot.pages.account_words import ACCOUNT_WORDS
from bot.pages.answer_words import ANSWER_WORDS
from bot.pages.audit_words import AUDIT_WORDS
from bot.pages.desk_words import DESK_WORDS
from bot.pages.model_words import MODEL_WORDS
from bot.pages.review_words import REVIEW_WORDS
from bot.pages.watching_words import WATCHING_WORDS
from bot.turns.texts import LOCALES

LANGUAGE_NAMES = {"en": "English", "zh": "中文"}

# Each entry: English, Chinese.
_WORDS: dict[str, tuple[str, str]] = {
    # Everywhere
    "skip": ("Skip to the content", "跳到主要内容"),
    "nav_review": ("Review", "审核"),
    "nav_answers": ("Answers", "答案"),
    "nav_models": ("Models", "模型"),
    "nav_agent": ("Conversations", "会话"),
    "sign_out": ("Sign out", "退出登录"),
    "search": ("Search", "搜索"),
    "back": ("Back", "返回"),
    "save": ("Save", "保存"),
    "undo": ("Undo", "撤销"),
    "role_agent": ("agent", "客服"),
    "role_reviewer": ("reviewer", "审核员"),
    "role_admin": ("administrator", "管理员"),
    "role_program": ("program", "程序"),
    "wrong": ("That did not work", "操作未完成"),
    # Who speaks
    "customer": ("Customer", "顾客"),
    "bot": ("Bot", "机器人"),
    "agent": ("Agent", "客服"),
    "system": ("System", "系统"),
    "image": ("Image", "图片"),
    "image_alt": ("Image from the customer", "顾客发来的图片"),
    "image_text": ("Read in the image:", "图片中识别出的文字："),
    "image_no_text": ("No text was found in the image.", "图片中没有识别出文字。"),
    # Signing in
    "login_title": ("Sign in", "登录"),
    "login_lead": ("For the people behind the counter.", "客服与审核人员入口。"),
    "login_name": ("Name", "用户名"),
    "login_password": ("Password", "密码"),
    "login_submit": ("Sign in", "登录"),
    "login_wrong": ("The name or the password is wrong.", "用户名或密码不正确。"),
    "login_blocked": (
        "Too many attempts. Please wait {minutes} minutes and try again.",
        "尝试次数过多，请 {minutes} 分钟后再试。",
    ),
    "login_hint": (
        "No account yet? An administrator hands you a link. The first administrator is made on the server:",
        "还没有账号？请向管理员索取邀请链接。第一位管理员在服务器上添加：",
    ),
    "page_failed": ("Weaver failed at this; it is in its log.", "Weaver 处理此页时出错，详情见日志。"),
    "role_missing": ("This page needs the role “{role}” or above.", "此页面需要“{role}”或更高的权限。"),
    # The reviewer's queue
    "review_title": ("Review", "审核"),
    "review_waiting": ("Waiting", "待处理"),
    "review_decided": ("Decided", "已处理"),
    "review_none": ("Nothing waits for you", "没有待处理的反馈"),
    "review_none_lead": (
        "Answers that customers mark as unhelpful appear here. Give the right one, and the next who asks gets it.",
        "顾客认为没有帮助的回答会出现在这里。给出正确答案，下一位这样提问的顾客就会得到它。",
    ),
    "review_teach_first": (
        "The bot has no answers yet. Load your FAQ first:",
        "机器人还没有任何答案。请先导入常见问题：",
    ),
    "review_no_decided": ("No feedback has been decided on yet.", "还没有处理过的反馈。"),
    "review_more": ("{n} more", "另外 {n} 条"),
    "review_offered": ("Offered:", "提供的选项："),
    "review_judged": ("Did not help", "没有帮上忙"),
    "review_says": ("The customer adds", "顾客补充"),
    "review_suggests": ("Suggested as the right answer", "建议的正确答案"),
    "review_question": ("What should the bot have said?", "机器人本该怎样回答？"),
    "review_question_lead": (
        "One click, and the next customer who asks this gets the answer.",
        "只需点一下，下一位这样提问的顾客就会得到该答案。",
    ),
    "review_considered": ("What the bot considered", "机器人考虑过的答案"),
    "review_no_considered": ("The bot found nothing near this question.", "机器人没有找到相近的答案。"),
    "review_was_shown": ("was shown", "当时的回答"),
    "review_choose": ("This one", "选这个"),
    "review_choose_shown": ("It was right", "回答没错"),
    "review_probability": ("{percent} % likely", "可能性 {percent}%"),
    "review_score": ("score {score}", "得分 {score}"),
    "review_search": ("Another answer", "其他答案"),
    "review_search_hint": ("Words of the title, the text or the id", "标题、正文或编号中的词"),
    "review_write": ("A new answer", "新答案"),
    "review_write_text": ("Answer, word for word", "答案（原文发送给顾客）"),
    "review_write_title": ("Title (customers may see it)", "标题（顾客可能看到）"),
    "review_write_submit": ("Teach this answer", "教给机器人"),
    "review_dismiss": ("Nothing to learn", "无需处理"),
    "review_dismiss_lead": ("The answer was fine, or there is none to give.", "回答没有问题，或本来就没有答案。"),
    "review_unmasked": (
        "Write nothing about this one customer: everyone gets this answer.",
        "请勿写入这位顾客的个人信息：所有人都会看到这条答案。",
    ),
    "burst_title": ("Votes that came in a burst", "短时间内的大量评价"),
    "burst_lead": (
        "So many people within an hour are far more than usual. Their votes teach nothing until you decide.",
        "一小时内的评价人数远超平时。在您决定之前，这些评价不会教给机器人任何内容。",
    ),
    "burst_votes": ("{up} for it, {down} against it", "赞 {up}，踩 {down}"),
    "burst_release": ("Let them count", "计入这些评价"),
    "burst_discard": ("Discard them", "丢弃这些评价"),
    "drift_title": ("Customers ask something new", "顾客在问新的问题"),
    "drift_since": ("Since", "自"),
    "drift_counts": (
        "{unsure} of {turns} messages were probably not answered well. Before, it was {before} of {of}.",
        "{turns} 条消息中有 {unsure} 条很可能没有得到好的回答；此前 {of} 条中有 {before} 条。",
    ),
    "drift_lead": (
        "These are typical of them. Teach the answers that are missing, or mend those that fit no more.",
        "以下是其中有代表性的问题。请补上缺少的答案，或修改已不适用的答案。",
    ),
    "drift_end": (
        "The alarm ends by itself once such messages are answered well.",
        "这类消息得到好的回答后，提醒会自动结束。",
    ),
    "drift_accept": ("This is how it is now", "现在就是这样，结束提醒"),
    "done_corrected": ("Taught. From now on: “{title}”.", "已学会。今后的回答是：“{title}”。"),
    "done_upheld": ("Noted: the answer was right.", "已记录：原回答正确。"),
    "done_dismissed": ("Set aside: nothing was taught.", "已搁置，没有改动。"),
    "done_reopened": ("It waits for a decision again.", "已恢复为待处理。"),
    "resolution_corrected": ("taught “{title}”", "已教会“{title}”"),
    "resolution_upheld": ("was right", "原回答正确"),
    "resolution_dismissed": ("set aside", "已搁置"),
    "resolved_by": ("by {name}", "处理人：{name}"),
    "reason_wrong": ("wrong", "不正确"),
    "reason_unclear": ("not clear", "没看懂"),
    "reason_outdated": ("out of date", "已过时"),
    "reason_thanks": ("it helped", "有帮助"),
    "reason_complaint": ("it did not help", "没有帮助"),
    "reason_picked": ("a suggestion was picked", "选了其中一项"),
    "reason_abandoned": ("no suggestion was picked", "没有选择任何一项"),
    "reason_other": ("another reason", "其他原因"),
    "lineage_title": ("Why this answer", "为什么是这个回答"),
    "lineage_version": ("Read by model version {version}.", "由模型版本 {version} 读取。"),
    "lineage_weight": ("{percent} % of what was read", "占所读内容的 {percent} %"),
    "lineage_answered": ("answers read mostly from it: {n}", "主要依据它的回答：{n} 条"),
    "lineage_forget": ("Forget this judgement", "忘记这条评价"),
    "lineage_gone": ("{n} of what it was read from is not there any more.", "其中 {n} 条已不存在。"),
    "rater_visitor": ("by the customer", "来自顾客"),
    "rater_turn": ("heard in what the customer said next", "从顾客接下来的话中得知"),
    "rater_handoff": ("answered by {name} after the hand-off", "{name} 在转人工后回答"),
    "rater_program": ("by a program", "来自程序"),
    "rater_staff": ("by {name}", "来自 {name}"),
    # Answers
    "answers_title": ("Answers", "答案"),
    "status_approved": ("Approved", "已批准"),
    "status_pending": ("Pending", "待批准"),
    "status_retired": ("Retired", "已停用"),
    "answers_none": ("No answers here", "这里没有答案"),
    "answers_none_found": ("Nothing holds these words. Try fewer.", "没有匹配的答案，请减少搜索词。"),
    "answers_none_approved": (
        "Load what your company says already:",
        "请先导入贵公司已有的内容：",
    ),
    "answers_none_pending": (
        "Answers that were found in past dialogues wait here for your approval. Load some:",
        "从以往对话中提取的答案会在这里等待批准。导入对话：",
    ),
    "answers_none_retired": (
        "Answers that you take out of service are kept here.",
        "停用的答案会保存在这里。",
    ),
    "answer_approve": ("Approve", "批准"),
    "answer_retire": ("Retire", "停用"),
    "answer_edit": ("Edit", "编辑"),
    "answer_field_title": ("Title", "标题"),
    "answer_field_text": ("Text", "正文"),
    "answer_saved": ("Saved. The bot uses the new words from now on.", "已保存，机器人即刻使用新内容。"),
    "answer_personal": (
        "Holds something of one customer: the bot never sends it, agents may use it.",
        "含有某位顾客的信息：机器人不会发送，仅供客服参考。",
    ),
    "answer_memory": ("Its memory", "记忆"),
    "answer_memory_lead": ("The passages by which the bot finds this answer.", "机器人据以找到该答案的语句。"),
    "answer_history": ("Wordings", "修改记录"),
    "answer_pairs": ("Answers like this one", "相近的答案"),
    "pair_duplicate": ("says the same", "内容重复"),
    "pair_contradiction": ("may contradict", "可能矛盾"),
    "pair_merge": ("Merge into one", "合并"),
    "pair_keep": ("Keep both", "都保留"),
    "pair_state_merged": ("merged", "已合并"),
    "pair_state_kept": ("both kept", "都已保留"),
    "answer_origin": ("Where it comes from", "来源对话"),
    "answer_now": ("now", "当前"),
    "kind_question": ("question", "问题"),
    "kind_sentence": ("own words", "答案原文"),
    "kind_like": ("liked", "点赞"),
    "kind_correction": ("correction", "更正"),
    "answer_guard": ("Must not break", "设为不可出错"),
    "answer_unguard": ("May break", "取消不可出错"),
    "answer_guarded": ("must not break", "不可出错"),
    "answer_guard_lead": (
        "An update of the model that loses one of its questions is refused.",
        "任何会答错其问题的模型更新都不会启用。",
    ),
    **REVIEW_WORDS,
    **ANSWER_WORDS,
    **DESK_WORDS,
    **WATCHING_WORDS,
    **ACCOUNT_WORDS,
    **AUDIT_WORDS,
    **MODEL_WORDS,
}


def say(key: str, locale: str, **values: object) -> str:
    """A text of the pages, its gaps filled with values."""
    text = _WORDS[key][LOCALES.index(locale)]
    return text.format(**values) if values else text


def knows(key: str) -> bool:
    """Whether there is a text of this name."""
    return key in _WORDS
