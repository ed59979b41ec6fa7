"""The sentences that secrets stand in: customers' and agents', with a word that says what comes, and without one."""

import re
from dataclasses import dataclass
from functools import cache

from benchmarks.planting.secret import Group

# (question, answer): ordinary matters, asked by many in these words or nearly these.
MATTERS = {
    "en": (
        (
            "how do i get the white film out of my kettle",
            "Boil it with citric acid and rinse it twice with fresh water.",
        ),
        (
            "the lamp blinks and does not connect",
            "Hold the ring until it blinks white and join the home network again.",
        ),
        (
            "can i wash the wool blanket in the machine",
            "Wash it on the wool programme with cold water and dry it flat.",
        ),
        ("when do i get my money back after a return", "The refund is made within five working days after we get it."),
        ("is the pan safe for the oven", "It goes into the oven without the lid, but not into the dishwasher."),
        ("my voucher is not accepted at the checkout", "Vouchers count for full prices only and cannot be joined."),
        ("how can i change the address of my parcel", "Until it is packed you can change it under Orders yourself."),
        ("the grinder is stuck and makes a noise", "Turn it upside down, remove the ring and clean out the beans."),
        ("do you repair tents that are torn", "We repair tents all year, please dry and brush it before you send it."),
        (
            "why was my payment refused",
            "Mostly the bank asks for a second confirmation, look into the app of your bank.",
        ),
    ),
    "zh": (
        ("水壶里的白色水垢怎么去掉", "放柠檬酸煮开以后再用清水冲两遍就可以了。"),
        ("台灯一直闪连不上网络", "请按住圆环直到白灯闪烁，然后重新连接家里的网络。"),
        ("羊毛毯可以机洗吗", "请选择羊毛程序用冷水洗，然后平铺晾干。"),
        ("退货以后多久能退款", "我们收到退货以后五个工作日之内退款。"),
        ("这个锅能放烤箱吗", "去掉盖子可以放烤箱，但是不能放洗碗机。"),
        ("优惠券用不了怎么回事", "优惠券只能用于原价商品，而且不能叠加使用。"),
        ("怎么修改收货地址", "打包之前可以在我的订单里面自己修改。"),
        ("磨豆机卡住了有响声", "请把机器倒过来，取下圆环，把里面的豆子清理干净。"),
        ("帐篷破了可以修吗", "我们全年都可以修，寄来之前请晾干刷干净。"),
        ("付款为什么被拒绝了", "一般是银行需要再次确认，请在银行的应用里面查看。"),
    ),
}
# One that begins with > is the agent's. The rules were made with the plain ones; those with ~ were held out until they
# had been counted once, and looked at then; those with ^ were written after that and have only been counted.
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
        ^hiya {x} speaking again
        ^it was {x} who rang you last time
        ^please make the invoice out to {x}
        ^{x} is my mother in law and it is her present
        >^{x} has been told and will bring it in.
        >^We spoke with {x} about that.
        >^As agreed with {x}, it goes out again.
    """,
    "email": """
        my mail is {x}
        please write to {x}
        i never got the code on {x}
        {x} is the one i used to register
        ~send it over to {x} pls, the other is dead
        >We have sent the label to {x}.
        >~A link went out to {x} a minute ago.
        ^mail me: {x}
        ^account is registered w/ {x} i think
        >^You get it at {x} in a moment.
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
        ^whatsapp me {x}
        ^my husbands no is {x}
        >^We tried {x} twice and nobody answered.
    """,
    "card": """
        i paid with {x}
        my card number is {x}
        ~you charged {x} twice
        >The refund goes back to {x}.
        ^the card {x} got declined again
        >^Nothing was taken from {x}.
    """,
    "iban": """
        please refund to {x}
        my iban is {x}
        ~transfer it here: {x}
        >We pay it out to {x} today.
        ^account for the refund {x}
        >^We have {x} on file.
    """,
    "identity": """
        my social security number is {x}
        ni number {x}
        ~for the invoice you will want {x}
        ^id for the age check {x}
    """,
    "passport": """
        my passport number is {x}
        passport {x} if you need it for customs
        ~travelling on passport no. {x}
        >We noted passport {x} for the customs form.
        ^passport: {x}
        >^The number {x} of your passport is too short.
    """,
    "address": """
        please deliver to {x}
        i live at {x}
        my new address is {x}
        ~we moved, it's {x} now
        ~send the next one to {x}
        >It will be delivered to {x}.
        >~We changed it to {x} for you.
        ^drop it at {x} please
        ^billing address {x}
        >^The courier was at {x} at noon.
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
        ^no news about {x} since friday
        ^purchase {x} came broken
        >^Let me cancel {x} and book it anew.
    """,
    "tracking": """
        tracking number {x} does not move
        the parcel {x} is stuck
        ~{x} has said in transit for a week
        >You can follow it with the tracking number {x}.
        >~It travels under {x}.
        ^dhl says {x} is lost
        >^The carrier lists {x} as delivered.
    """,
    "account": """
        my username is {x}
        i am {x} on instagram
        my account name is {x}
        ~find me as {x} on there
        ~login {x} does not work any more
        >We have unlocked the account {x}.
        ^you banned {x} and i dont know why
        >^Sign in as {x} once more.
    """,
    "token": """
        the api key is {x}
        it says token {x} is invalid
        ~i pasted {x} and nothing happened
        >Please put {x} into the field of the key.
        ^using {x} gives me a 401
        >^The key {x} was revoked.
    """,
    "password": """
        my password is {x}
        password: {x}
        i tried {x} as the password and it says wrong
        ~the pw i set was {x}
        ~logged in with {x} and got thrown out
        >Your temporary password is {x}.
        >~Use {x} to sign in and change it then.
        ^it does not take {x} anymore although i set it yesterday
        ^pin: {x}
        >^Type {x} at the first sign in.
    """,
    "particular": """
        it is about {x}
        >It is set to {x} for you.
        >We will come by because of {x}.
        >Please ask for {x} at the desk.
        >~You will find {x} in it.
        >~It comes to {x} in all.
        ^nothing about {x} on your page
        >^That was {x}, if I read it right.
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
        ^你好 我这边是{x}
        ^发票抬头写{x}
        ^{x}是我婆婆，这是送她的
        >^刚才和{x}通过电话了。
        >^按照{x}的要求重新发货。
    """,
    "email": """
        我的邮箱是{x}
        发到{x}就行
        ~{x}一直收不到验证码
        >退货标签发到{x}了。
        >~已经发邮件到{x}，请查收。
        ^邮箱写错了应该是{x}
        >^稍后{x}会收到一封邮件。
    """,
    "phone": """
        我的电话是{x}
        手机号{x}
        送货前打{x}
        ~换成{x}吧，那个号停机了
        ~联系{x}就可以
        >快递员会先打{x}。
        >~已经把{x}写在面单上了。
        ^打不通的话打{x}
        ^微信同号{x}
        >^{x}打了两次没有人接。
    """,
    "card": """
        卡号是{x}
        我用{x}付的款
        ~{x}被扣了两次
        >退款会回到{x}。
        ^{x}这张卡付不了
    """,
    "iban": """
        请退到{x}
        我的IBAN是{x}
        ~账户{x}，谢谢
        ^收款账户{x}
    """,
    "identity": """
        身份证号{x}
        我的身份证是{x}
        ~清关要用{x}吧
        >清关用的身份证{x}已经登记。
        ^实名用的{x}
    """,
    "passport": """
        护照号是{x}
        我的护照{x}
        ~用护照{x}登记的
        ^护照{x}快过期了
    """,
    "address": """
        地址是{x}
        寄到{x}
        我住在{x}
        ~改成{x}可以吗
        ~新家在{x}
        >会送到{x}。
        >~已经帮您改为{x}了。
        ^快递放到{x}就好
        >^快递员中午到过{x}。
    """,
    "order": """
        订单号{x}
        单号是{x}
        我的订单{x}还没发货
        ~查一下{x}
        ~{x}这单怎么回事
        >您的订单{x}已经发出。
        >~看到{x}了，已经打包好。
        ^{x}到现在都没有消息
        >^我帮您取消{x}重新下单。
    """,
    "tracking": """
        快递单号{x}不动了
        运单号：{x}
        ~{x}卡了一个星期
        >物流单号是{x}，可以随时查。
        >~走的是{x}这个单号。
        ^顺丰说{x}丢件了
        >^物流显示{x}已经签收。
    """,
    "account": """
        我的微信号是{x}
        用户名{x}
        账号：{x}
        ~加我{x}就行
        >账号{x}已经解锁。
        ^{x}为什么被封了
        >^请用{x}重新登录。
    """,
    "token": """
        密钥是{x}
        提示token {x}无效
        ~我填了{x}没反应
        ^用{x}请求返回401
    """,
    "password": """
        密码是{x}
        我的密码{x}登不上
        ~用{x}登录被踢出来了
        ~口令我设的{x}
        >临时密码是{x}。
        >~请用{x}登录后再改。
        ^昨天设的{x}今天不能用了
        >^首次登录请输入{x}。
    """,
    "particular": """
        是关于{x}的
        >已经帮您设成{x}了。
        >请到前台找{x}。
        >~一共是{x}。
        ^你们页面上没有{x}
        >^是{x}，我没有看错的话。
    """,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with a place, {x}, for a secret."""

    text: str
    by_agent: bool
    group: Group


def of(kind: str, language: str) -> list[Sentence]:
    """The sentences for a kind of secret in a language."""
    lines = {"en": _ENGLISH, "zh": _CHINESE}[language][kind].split("\n")
    return [_sentence(line.strip()) for line in lines if line.strip()]


@cache
def words() -> frozenset[str]:
    """All words of all sentences and matters, in small letters: what is one of them can be told from no secret.

    So can what handles end with.
    """
    matters = " ".join(text for pairs in MATTERS.values() for pair in pairs for text in pair)
    texts = " ".join([*_ENGLISH.values(), *_CHINESE.values(), matters]).casefold()
    return frozenset(re.findall(r"[^\W\d_]+", texts)) | {"real"}


def kinds() -> list[str]:
    """The kinds of secrets that there are sentences for."""
    return list(_ENGLISH)


def _sentence(line: str) -> Sentence:
    by_agent, rest = line.startswith(">"), line.lstrip(">")
    group = {"~": Group.COUNTED_FIRST, "^": Group.UNSEEN}.get(rest[0], Group.KNOWN)
    return Sentence(rest.lstrip("~^"), by_agent, group)
