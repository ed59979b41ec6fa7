"""The pages' own words, in English and in Chinese."""

from bot.texts import LOCALES

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
        "No account yet? Whoever runs the server makes one:",
        "还没有账号？请管理员在服务器上添加：",
    ),
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
    "review_judged": ("Marked as unhelpful", "被标记为没有帮助"),
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
    "reason_other": ("another reason", "其他原因"),
    "rater_visitor": ("by the customer", "来自顾客"),
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
    "answers_more": ("The newest {n} are shown; search to find others.", "仅显示最近的 {n} 条，其余请搜索。"),
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
    "answer_memory_lead": (
        "The passages by which the bot finds this answer.",
        "机器人据以找到该答案的语句。",
    ),
    "answer_history": ("Wordings", "修改记录"),
    "answer_origin": ("Where it comes from", "来源对话"),
    "answer_now": ("now", "当前"),
    "kind_question": ("question", "问题"),
    "kind_sentence": ("own words", "答案原文"),
    "kind_correction": ("correction", "更正"),
    # Models
    "models_title": ("Models", "模型"),
    "models_lead": ("Each version of the model and how well it did.", "模型的各个版本及其表现。"),
    "models_none": ("No model has been fitted yet", "还没有拟合过模型"),
    "models_none_lead": (
        "The first version is fitted to what you load:",
        "导入知识后会拟合第一个版本：",
    ),
    "models_active": ("answers now", "使用中"),
    "models_version": ("Version", "版本"),
    "models_encoder": ("Encoder", "编码器"),
    "models_promoted": ("Promoted", "启用时间"),
    "models_figures": ("Figures", "指标"),
    "models_no_figures": ("none", "无"),
    # The agent's desk
    "agent_title": ("Conversations", "会话"),
    "agent_waiting": ("Waiting", "等待中"),
    "agent_mine": ("Mine", "我的会话"),
    "agent_none_waiting": ("Nobody waits.", "没有顾客在等待。"),
    "agent_none_mine": ("None yet.", "暂无。"),
    "agent_choose": ("Choose a conversation", "请选择一个会话"),
    "agent_choose_lead": (
        "Customers who wait for a person are on the left. The bot goes on answering until you take one or write.",
        "等待人工的顾客显示在左侧。在您接手或发出第一条消息之前，机器人会继续回答。",
    ),
    "agent_take": ("Take", "接手"),
    "agent_return": ("Back to the bot", "交还机器人"),
    "agent_close": ("Close", "结束会话"),
    "agent_reply": ("Your reply", "您的回复"),
    "agent_reply_hint": ("Ctrl + Enter sends", "Ctrl + Enter 发送"),
    "agent_send": ("Send", "发送"),
    "agent_tried": ("What the bot considered last", "机器人最近考虑的答案"),
    "agent_use": ("Use", "采用"),
    "agent_with": ("with {name}", "由 {name} 接待"),
    "agent_empty": ("The customer has not written yet.", "顾客还没有发消息。"),
    "agent_offline": ("No connection; trying again…", "连接已断开，正在重试……"),
    "mode_bot": ("with the bot", "机器人接待"),
    "mode_waiting": ("waits for a person", "等待人工"),
    "mode_agent": ("with a person", "人工接待"),
    "mode_closed": ("closed", "已结束"),
    "status_line": ("The conversation: {mode}", "会话状态：{mode}"),
}


def say(key: str, locale: str, **values: object) -> str:
    """A text of the pages, its gaps filled with values."""
    text = _WORDS[key][LOCALES.index(locale)]
    return text.format(**values) if values else text


def knows(key: str) -> bool:
    """Whether there is a text of this name."""
    return key in _WORDS
