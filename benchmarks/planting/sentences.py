"""The sentences that secrets stand in: customers' and agents', with a word that says what comes, and without one."""

from dataclasses import dataclass

# A sentence that begins with ~ was held out while the rules were made; one that begins with > is the agent's.
_ENGLISH = {
    "name": """
        my name is {x}
        it's {x}, i wrote to you on monday
        this is {x} speaking
        i'm {x} and i ordered the big one
        the label should say {x} and not my old name
        my neighbour {x} took it in but says it was open
        can you send it to {x} instead of me, she paid for it
        thanks a lot, {x}
        the order is under {x}
        name on the account: {x}
        ~the courier left it with {x} at number 9
        ~{x} here again, still waiting
        ~ask {x}, he placed it from my laptop
        ~both {x} and me got the mail
        ~signed for by {x} apparently??
        >Hi {x}, thanks for waiting.
        >Thank you {x}, that is done.
        >Dear {x}, we have looked at it.
        >I have booked the collection for {x}.
        >Sorry about that, {x}!
        >~The parcel was handed to {x} this morning.
        >~{x}, your replacement has left us.
        >~Good news {x} - the money is on its way.
    """,
    "email": """
        my mail is {x}
        please write to {x}
        i never got the code on {x}
        {x} is the one i used to register
        ~send it over to {x} pls, the other is dead
        >We have sent the label to {x}.
        >~A link went out to {x} a minute ago.
    """,
    "phone": """
        you can call me on {x}
        my number is {x}
        the driver can ring {x}
        phone: {x}
        ~reach me at {x} after five
        ~it says {x} on the form which is wrong
        >The driver will ring {x} before he comes.
        >~I have put {x} on the delivery note.
    """,
    "card": """
        i paid with {x}
        my card number is {x}
        ~you charged {x} twice
        >The refund goes back to {x}.
    """,
    "iban": """
        please refund to {x}
        my iban is {x}
        ~transfer it here: {x}
        >We pay it out to {x} today.
    """,
    "identity": """
        my social security number is {x}
        ni number {x}
        ~for the invoice you will want {x}
    """,
    "passport": """
        my passport number is {x}
        passport {x} if you need it for customs
        ~travelling on passport no. {x}
        >We noted passport {x} for the customs form.
    """,
    "address": """
        please deliver to {x}
        i live at {x}
        my new address is {x}
        ~we moved, it's {x} now
        ~send the next one to {x}
        >It will be delivered to {x}.
        >~We changed it to {x} for you.
    """,
    "order": """
        my order number is {x}
        order {x} has not arrived
        it's about {x}, placed last week
        order no: {x}
        ~can you look into {x} for me
        ~ref {x}
        >Your order {x} has left us.
        >~I can see {x} in the system and it is packed.
    """,
    "tracking": """
        tracking number {x} does not move
        the parcel {x} is stuck
        ~{x} has said in transit for a week
        >You can follow it with the tracking number {x}.
        >~It travels under {x}.
    """,
    "account": """
        my username is {x}
        i am {x} on instagram
        my account name is {x}
        ~find me as {x} on there
        ~login {x} does not work any more
        >We have unlocked the account {x}.
    """,
    "token": """
        the api key is {x}
        it says token {x} is invalid
        ~i pasted {x} and nothing happened
        >Please put {x} into the field of the key.
    """,
    "password": """
        my password is {x}
        password: {x}
        i tried {x} as the password and it says wrong
        ~the pw i set was {x}
        ~logged in with {x} and got thrown out
        >Your temporary password is {x}.
        >~Use {x} to sign in and change it then.
    """,
    "particular": """
        it is about {x}
        >It is set to {x} for you.
        >We will come by because of {x}.
        >Please ask for {x} at the desk.
        >~You will find {x} in it.
        >~It comes to {x} in all.
    """,
}
_CHINESE = {
    "name": """
        我叫{x}
        我是{x}，昨天下的单
        收件人{x}
        麻烦寄给{x}，不要写我的名字
        我的名字是{x}
        {x}先生签收的，可是他没有收到
        姓名：{x}
        ~是我邻居{x}代收的
        ~快递说给了{x}
        ~帮我改成{x}收
        ~之前是{x}联系你们的
        >{x}您好，已经处理好了。
        >好的，{x}女士，稍等。
        >已经为您登记{x}的退货。
        >~包裹今早由{x}签收了。
        >~{x}，新的已经寄出了。
    """,
    "email": """
        我的邮箱是{x}
        发到{x}就行
        ~{x}一直收不到验证码
        >退货标签发到{x}了。
        >~已经发邮件到{x}，请查收。
    """,
    "phone": """
        我的电话是{x}
        手机号{x}
        送货前打{x}
        ~换成{x}吧，那个号停机了
        ~联系{x}就可以
        >快递员会先打{x}。
        >~已经把{x}写在面单上了。
    """,
    "card": """
        卡号是{x}
        我用{x}付的款
        ~{x}被扣了两次
        >退款会回到{x}。
    """,
    "iban": """
        请退到{x}
        我的IBAN是{x}
        ~账户{x}，谢谢
    """,
    "identity": """
        身份证号{x}
        我的身份证是{x}
        ~清关要用{x}吧
        >清关用的身份证{x}已经登记。
    """,
    "passport": """
        护照号是{x}
        我的护照{x}
        ~用护照{x}登记的
    """,
    "address": """
        地址是{x}
        寄到{x}
        我住在{x}
        ~改成{x}可以吗
        ~新家在{x}
        >会送到{x}。
        >~已经帮您改为{x}了。
    """,
    "order": """
        订单号{x}
        单号是{x}
        我的订单{x}还没发货
        ~查一下{x}
        ~{x}这单怎么回事
        >您的订单{x}已经发出。
        >~看到{x}了，已经打包好。
    """,
    "tracking": """
        快递单号{x}不动了
        运单号：{x}
        ~{x}卡了一个星期
        >物流单号是{x}，可以随时查。
        >~走的是{x}这个单号。
    """,
    "account": """
        我的微信号是{x}
        用户名{x}
        账号：{x}
        ~加我{x}就行
        >账号{x}已经解锁。
    """,
    "token": """
        密钥是{x}
        提示token {x}无效
        ~我填了{x}没反应
    """,
    "password": """
        密码是{x}
        我的密码{x}登不上
        ~用{x}登录被踢出来了
        ~口令我设的{x}
        >临时密码是{x}。
        >~请用{x}登录后再改。
    """,
    "particular": """
        是关于{x}的
        >已经帮您设成{x}了。
        >请到前台找{x}。
        >~一共是{x}。
    """,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a place, {x}, for a secret."""

    text: str
    by_agent: bool
    held_out: bool


def of(kind: str, language: str) -> list[Sentence]:
    """The sentences for a kind of secret in a language."""
    lines = {"en": _ENGLISH, "zh": _CHINESE}[language][kind].split("\n")
    return [_sentence(line.strip()) for line in lines if line.strip()]


def kinds() -> list[str]:
    """The kinds of secrets that there are sentences for."""
    return list(_ENGLISH)


def _sentence(line: str) -> Sentence:
    by_agent, held_out = line.startswith(">"), line[:2].find("~") >= 0
    return Sentence(line.lstrip(">~"), by_agent, held_out)
