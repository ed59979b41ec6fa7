"""Who speaks, in the words that exports have for it, in English and Chinese."""

import re

from weaver_core.dialogue import Role

_BETWEEN = re.compile(r"[\s_\-:：/]+")
_WORDS = {
    Role.CUSTOMER: (
        "customer user visitor client guest enduser contact consumer buyer shopper caller member lead requester "
        "incoming inbound received 客户 用户 顾客 访客 买家 客人 会员 消费者 咨询者 来访者"
    ),
    Role.AGENT: (
        "agent operator staff admin administrator support supportagent customerservice customersupport employee "
        "representative rep csr human humanagent teammate advisor consultant seller merchant outgoing outbound sent "
        "客服 客服人员 人工 人工客服 坐席 座席 员工 商家 卖家 店家 店员 顾问 专员 接待人员"
    ),
    Role.BOT: (
        "bot chatbot robot ai assistant aiassistant aiagent agentbot virtualagent virtualassistant autoreply "
        "机器人 机器人客服 客服机器人 智能客服 智能助手 自动回复"
    ),
    Role.SYSTEM: "system activity event notification status info log 系统 系统消息 系统提示 系统通知 通知 提示",
}
_ROLES = {word: role for role, words in _WORDS.items() for word in words.split()}


def of(word: str) -> Role | None:
    """The role that a word names, None when it names none."""
    return _ROLES.get(_BETWEEN.sub("", word.casefold()))
