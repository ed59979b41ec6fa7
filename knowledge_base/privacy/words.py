"""Words that stand where a name could stand and are none."""

import re

from knowledge_base.privacy import lexicon

# After a greeting, before a comma, at the end of a note: words that are not how a person is called.
COMMON = frozenset(
    """
    a able about absolutely access account actually afraid after afternoon again agent agents ahead alas all alot
    already alright also although always am amazing an and any anybody anyone anything anyway apologies appreciate are
    as ask at available awesome awful back bad balance bank bearer because been before being best better big bot both
    box brilliant browser business busy but buy by bye call can cancel card care certainly chat cheers christmas code
    come completely concerned confirm contact cool correct could currently customer customers day days dear decided
    definitely delighted delivery desk did disappointed do does done don down due each early easter either else email
    end enjoy enough error especially even evening ever every everybody everyone everything exactly excellent exchange
    expired express extremely fab fair false fantastic far faulty feel few finally fine first folks follow following
    for forward free friday friend friends from frustrated full fully fun further getting gift give given glad go
    going gone gonna good gosh got great greetings guess guys had happy hard has have having he hello help her here
    hey hi him his hmm hold home hope hopefully how however hurry i if im in including incorrect indeed information
    instead interested into invalid is issue it its item just keep kind kindly know ladies last late later least left
    let lets like link live lmk locked logged look looking lost lots lovely ma maam madam mail make man many maybe me
    meanwhile message missing mobile moment monday money more morning most much must my name near need needed never
    new next nice night no nobody noon nope normally not note nothing now number of off oh ok okay old omg on once one
    online only oops open or order ordered orders other others otherwise our out over own page parcel pardon password
    payment people per perfect perhaps phone phew please pleased pleasure possible post problem product promise quick
    quickly quite rather ready really received refund regarding regards required reset respond return returns right
    sad sadly safe same saturday say see seems seen send sent service set several shall she ship shipping shop should
    sir site so some somebody someone something sometimes soon sorry stay still stock store stuck such sunday super
    support sure system take talk team tell than thank thanks that thats the their them then there therefore these
    they thing things this those though thursday till time tired to today together tomorrow tonight too totally track
    tracking tried true truly try trying tuesday tweet two unable under understood unfortunately until up update upset
    urgent us use user valid very via visit wait waiting want was way we website wednesday week weekend welcome well
    went were what whatever when where whether which while who whole why will wish with within without wonderful
    working worries worst would wow wrong xmas yeah year yep yes yesterday yet you your yours typed entered changed
    saved agreed noted accepted approved rejected blocked stolen forgotten different written mr mrs ms miss mx dr prof
    sincerely faithfully hiya yo good-bye subject re fwd ta january february july august september october november
    december english chinese british american uk usa eu london beijing alexa apple google amazon paypal visa
    mastercard alipay wechat facebook twitter instagram whatsapp iphone ipad android windows mac netflix spotify black
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
# First names that are also words: they are taken for names only with a capital letter.
AMBIGUOUS = frozenset(
    [
        "amber",
        "art",
        "bill",
        "chase",
        "crystal",
        "dawn",
        "dean",
        "drew",
        "faith",
        "frank",
        "grace",
        "guy",
        "hope",
        "ivy",
        "jack",
        "joy",
        "lily",
        "mark",
        "may",
        "miles",
        "olive",
        "pat",
        "pearl",
        "ray",
        "rich",
        "rob",
        "robin",
        "rose",
        "ruby",
        "sandy",
        "sky",
        "sue",
        "summer",
        "sunny",
        "violet",
        "will",
    ]
)
# The commonest family names; a Chinese name begins with one of them.
SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪"
    "范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂"
    "章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳欧管柴蒙鲍华喻祁蒲房滕屈饶"
    "張劉陳楊黃趙吳孫馬鄭許馮鄧葉蘇魏盧鐘譚陸範賈鄒龍陶賀顧嚴莊聶"
)
# Chinese words that begin like a name and are none.
NO_NAMES = tuple(
    """
    马上 方便 高兴 安装 安全 安排 谢谢 谢[了啦] 余额 金额 金色 成功 文件 温度 石头 白色
    黄色 周末 周[一二三四五六日] 毛毯 明白 何时 时候 平时 常用 于是 齐全 全部 全新 全都 简单
    单号 单子 钱包 钱呢 万一 江苏 云南 石家庄 汤锅 水壶 花园 古董 包裹 包邮 包装 包括 路由
    管用 关于 关灯 关闭 盛汤 成本 成都 安心 康复 韩国 海外 毕竟 华为 向上 房间 段时间 应该
    柜子 计划 许多 严重 曾经 贺卡 任何 白天 空调 黎明 顾客 高度 高温 纪念 项目 冷水 祝您
    祝好 祝你 强烈 管理 台灯 都是 易碎 左右 程序 程度 解决 边上 连上 连不 牛奶 唐山 常见
    常常 和好 平台 平板 广州 沈阳 郑州 苏州 温州 徐州 汉口 洛阳 夏天 冬天 秋天 叶子 田园
    龙头 贝壳 凌晨 曲线 游客 游玩 柯达 蓝色 蓝牙 蓝灯 成交 成员 单元 季度 宁波 符合 尚未
    耿直 习惯
    """.split()  # noqa: SIM905 - a list of words reads best as words
)
# The rarer ones of the Hundred Family Names and of today, without those that are everyday words.
RARE_SURNAMES = (
    "褚卫尤戚柏窦云奚郎凤花廉岑邬傅皮卞卜穆萧湛禹狄贝明臧计伏谈茅项闵席麻强危刁虞支昝裘缪宗贲郁杭洪诸吉钮嵇滑荣荀羊惠甄封芮储"
    "糜松井巫乌巴弓牧隗车宓蓬郗班仰秋仲伊宫仇栾暴厉戎祖束幸司韶郜蓟薄宿怀邰鄂索赖卓蔺屠池阴胥苍闻莘党贡逄姬扶宰郦雍郤璩桑桂濮"
    "扈燕冀郏浦别晏瞿阎充慕茹宦艾鱼容慎戈庾暨居衡弘匡寇禄阙殳沃蔚越夔隆师巩厍晁勾敖冷訾阚那毋沙乜鞠须丰巢蒯查荆竺权逯桓仝佘佟"
    "冼邸苑麦官佐谌娄鹿苟揭郇"
)
# Characters of given names that stand in few other words.
GIVEN_NAME_CHARACTERS = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛超兰霞刚桂玉萍鹏辉建玲梅莉波宁福龙凤珍斌浩宇轩涵梓睿欣怡佳琪琳雪莹颖倩婷雯璐洁慧瑶瑞晨"
    "阳旭俊豪嘉诚博志华荣林森峰飞鑫淼凯帆帅楠云晶蕾菲薇蓉芬芝芸苗茜莎燕莺蓝黛彤露霖岩峻岚峥嵘昊昕晗曦煜烨炜焕琛琦瑾璇珊珂玥琼"
    "瑜璟钰锋锐铭钧锦坤垚培堃婉婧媛嫣妍娇娥姗妮娅淑贞惠菊莲蓓雅思念依诗韵韬懿毅宏鸿泽润泓瀚渊澜沛淳源洪贤德义礼智仁爱忠孝廉耀"
    "祖宗兴旺贵康健庆祥吉昌盛世永久寿庭廷炳炎焱煊灿炯辰星晖晟晓栋梁柏松桐槿樱柳杨桃媚妙丹彩虹霓芙蔷芷若兮汐沐沁洛溪漪滢"
)
# Family names that are other words inside of a sentence far oftener.
WORDY_SURNAMES = frozenset(
    "白方关单成于石安江万齐易牛钱包汤管古文向温常平路左柯季全金云花明计强荣惠松井车秋宫司薄怀索闻党桂尚别充容权师那须丰查冷皮麻支官越居沙兰鹿麦伏谈华史康"
)
# Characters that hardly stand in a given name.
NO_GIVEN_NAME = (
    "的了是在和吗呢吧啊哦您你我他她它们这那要有没不请就都也还来到去说给把被对能会只可上下里中外个些位与及或跟让从向为很太"
    "之再以后前时候已经将但如果因所而且呀哈嘛么啦"
)
COMPOUND_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "端木", "令狐")


# What people write in small letters too, and no dictionary of common words holds.
KNOWN = frozenset(
    """
    wifi wi-fi bluetooth usb led lcd app apps sms vpn pdf html ios faq iban bic sepa eta asap fyi btw lol tbh imo
    idk omw dm dms pm ty thx pls plz u ur n r im ive id dont cant wont didnt doesnt isnt wasnt couldnt shouldnt
    wouldnt havent youre theyre thats whats gonna wanna gotta kinda cos cuz coz tho thru ok okay yeah yep nope hmm
    hm ugh oops haha hi monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december christmas easter ramadan halloween english british scottish
    welsh irish german french spanish italian dutch polish chinese japanese korean indian american canadian
    australian european britain england scotland wales ireland germany france spain italy netherlands holland
    belgium austria switzerland poland sweden norway denmark finland portugal greece turkey china japan korea india
    america canada australia europe asia africa london paris berlin york beijing shanghai hong kong singapore taiwan
    macau google apple amazon microsoft facebook twitter instagram youtube whatsapp wechat alipay paypal visa
    mastercard amex klarna iphone ipad mac macbook android windows samsung galaxy netflix spotify xbox playstation
    nintendo chrome safari firefox gmail outlook hotmail yahoo ebay tesco uber dhl ups fedex dpd hermes evri usps
    unboxing resend reorder unsubscribe autofill login logout signup username ecommerce checkout webpage homepage
    dropdown popup touchscreen firmware spam selfie emoji hashtag vegan gluten organic limescale descale descaler
    unpair rebooted callback
    """.split()  # noqa: SIM905 - a list of words reads best as words
)


def is_ordinary(word: str) -> bool:
    """Whether a word, in whatever case, stands in a dictionary: what is none may be somebody's."""
    plain = re.sub(r"['’](?:s|d|m|ll|re|ve)$", "", word.casefold())
    return plain.endswith(("n't", "n’t")) or plain in COMMON or plain in KNOWN or plain in lexicon.english()


def is_common(word: str) -> bool:
    """Whether a word is an ordinary one, whatever its case."""
    return re.sub(r"['’].*", "", word).casefold() in COMMON


def may_be_name(word: str) -> bool:
    """Whether a word that stands where a name could stand may be one."""
    return (word[:1].isupper() and word.casefold() in AMBIGUOUS) or not is_common(word)
