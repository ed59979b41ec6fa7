"""What is told by its digits: cards, phones, bank accounts, identity numbers, orders and parcels."""

import re
from dataclasses import replace

from knowledge_base.privacy.slots import DIGIT, Rule

# A token's borders. \b is no use beside Chinese, where every character is a word character.
B, E = r"(?<![A-Za-z\d])", r"(?![A-Za-z\d])"
# Not part of a price, a decimal number or a version.
_PRICE = r"(?<![£$€¥￥]\d)(?<![£$€¥￥])(?<![£$€¥￥]\s)"
_UNIT = r"(?!\s?(?:元|块|円|米|(?:pieces|pcs|units|items|points|EUR|GBP|USD|CNY|RMB|mAh|hours|lumens)\b))"
_IS = r"(?:\s|[:：#№.=-]|是|为|為|is\b|was\b|号|號|number\b|no\b|nr\b|id\b|编号|編號|码|碼){0,6}"
_ORDERISH = (
    r"(?:order|tracking|reference|ref|case|ticket|booking|reservation|confirmation|invoice|claim|parcel|consignment"
    r"|pnr|membership|member|customer|account|acct|policy|serial|imei|waybill|shipment|complaint|repair|return|rma"
    r"|订单|訂單|单号|單號|运单|運單|快递单|工单|流水|物流|参考|会员|會員|客户|客戶|账户|賬戶|帳戶|序列|预订|发票|稅號|税号)"
)
_EXPLICIT = (
    r"(?:\s{0,2}(?:number|no|nr|id|code|ref|reference|is|was|号码|号|號|编号|編號|码|碼|是|为|為)\b\.?|\s{0,2}[:：#])"
)
_CODE = r"[A-Za-z\d](?:[A-Za-z\d]|[-/](?=[A-Za-z\d])){3,31}"
PRODUCT_CODE = re.compile(r"[A-Za-z]{2,4}-\d{2,4}")
# "Can I order PPR-9087?" speaks of a product, "reference HPC-3391" of a case.
_ABOUT_GOODS = re.compile(r"(?:order|return|repair|parcel|shipment|claim)", re.IGNORECASE)
_DATE = re.compile(
    r"(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d{2}"
)
_PHONE_DIGITS = range(7, 16)


def _compile(pattern: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(pattern, flags)


def _is_phone(match: re.Match[str]) -> bool:
    text = match["hide"]
    return sum(character.isdigit() for character in text) in _PHONE_DIGITS and not _DATE.fullmatch(text.strip())


def _is_reference(match: re.Match[str]) -> bool:
    token = match["hide"]
    product = PRODUCT_CODE.fullmatch(token) and _ABOUT_GOODS.match(match[0])
    return any(character.isdigit() for character in token) and not product


def _is_named_reference(match: re.Match[str]) -> bool:
    token = match["hide"]
    return any(character.isdigit() for character in token) or token.isupper()


def _is_iban(match: re.Match[str]) -> bool:
    return sum(character.isdigit() for character in match[0]) >= 8  # noqa: PLR2004 - the shortest has more


_FIGURES = (
    Rule("identity", _compile(rf"{B}\d{{6}}[ ]?(?:19|20)\d{{2}}[ ]?\d{{4}}[ ]?\d{{3}}[\dX]{E}")),
    Rule("identity", _compile(rf"{B}\d{{17}}[\dX]{E}")),
    Rule("identity", _compile(rf"{B}\d{{3}}-\d{{2}}-\d{{4}}{E}")),
    Rule("identity", _compile(rf"{B}[A-Z]{{2}}\s?\d{{2}}\s?\d{{2}}\s?\d{{2}}\s?[A-D]{E}", 0)),
    Rule(
        "identity",
        _compile(rf"(?:passport|driving licen[cs]e|护照|身份证|national insurance|ssn|vat|tax){_IS}(?P<hide>{_CODE})"),
        _is_reference,
    ),
    Rule("identity", _compile(r"(?:\bvat\b|tax)[^\d\n]{0,20}(?P<hide>(?:[A-Z]{2}\s?)?\d(?:[ .-]?\d){6,14})")),
    Rule("bank", _compile(rf"{B}[A-Z]{{2}}\d{{2}}(?:[ -]?[A-Z\d]{{4}}){{2,7}}(?:[ -]?[A-Z\d]{{1,4}})?{E}"), _is_iban),
    Rule("bank", _compile(rf"(?:sort code|sortcode){_IS}(?P<hide>\d{{2}}[- ]?\d{{2}}[- ]?\d{{2}}){E}")),
    Rule(
        "phone",
        _compile(rf"{B}(?<!\d[ -])(?P<hide>(?:\+|00)\d{{1,3}}[\s().-]{{0,3}}\d(?:[\s().-]{{0,3}}\d){{5,12}}){E}"),
        _is_phone,
    ),
    Rule("card", _compile(rf"{B}\d(?:[ -]{{0,2}}\d){{12,18}}{E}")),
    Rule(
        "card",
        _compile(
            rf"(?:ending(?:\s(?:in|with))?|ends\s(?:in|with)|last (?:four|4)(?: digits)?|尾号|尾號|末四位)"
            rf"{_IS}(?P<hide>\d{{4}}){E}"
        ),
    ),
    Rule(
        "card",
        _compile(
            rf"(?:\bexp(?:iry|ires|iration)?(?: date)?|valid thru|有效期至?){_IS}"
            rf"(?P<hide>(?:0[1-9]|1[0-2])\s?/\s?(?:20)?\d{{2}}){E}"
        ),
    ),
    Rule("card", _compile(rf"(?:\bcvv2?|\bcvc2?|security code|安全码){_IS}(?P<hide>\d{{3,4}}){E}")),
    Rule(
        "birthday",
        _compile(
            rf"(?:birthday|birth ?date|date of birth|\bdob\b|\bborn)\b[^\d\n]{{0,30}}"
            rf"(?P<hide>\d{{1,4}}(?:st|nd|rd|th)?[-/. ](?:\d{{1,2}}|[A-Za-z]{{3,9}})(?:[-/., ]{{1,2}}\d{{2,4}})?){E}"
        ),
    ),
    # A date of the last century, or a little after, is when somebody was born.
    Rule(
        "birthday",
        _compile(
            rf"{B}(?:\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:19\d{{2}}|200\d)|(?:19\d{{2}}|200\d)[-/.]\d{{1,2}}[-/.]\d{{1,2}}){E}"
        ),
    ),
    Rule("birthday", _compile(r"(?P<hide>(?:19|20)\d{2}\s?年\s?\d{1,2}\s?月\s?\d{1,2}\s?[日号]?)(?=的|出生|生)")),
    Rule(
        "birthday",
        _compile(
            r"(?:生日|出生)[^\d\n]{0,8}(?P<hide>\d{1,4}\s?[-/.年月]\s?\d{1,2}(?:\s?[-/.月]\s?\d{1,2})?\s?[日号]?)"
        ),
    ),
    Rule("order", _compile(rf"{B}1Z[\dA-Z]{{16}}{E}")),
    Rule("order", _compile(rf"{B}[A-Z]{{2,4}}(?:[ -]\d{{4,5}}){{2,4}}(?:[ -][A-Z]{{2}})?{E}", 0)),
    Rule("order", _compile(rf"{B}[A-Z]{{1,6}}[ -]?\d{{6,}}[A-Z\d]{{0,6}}(?:[ -][A-Z]{{2}}\b)?{E}", 0)),
    Rule("phone", _compile(rf"{B}(?P<hide>1[3-9]\d[ -]?\d{{4}}[ -]?\d{{4}}){E}"), _is_phone),
    Rule("phone", _compile(rf"{B}(?P<hide>\(?0\d{{1,4}}\)?(?:[\s().-]{{0,2}}\d){{6,9}}){E}"), _is_phone),
    Rule("phone", _compile(rf"{_PRICE}{B}(?P<hide>\(?\d{{2,4}}\)?[ .-]{{1,2}}\d{{3,4}}[ .-]\d{{3,5}}){E}"), _is_phone),
    Rule(
        "phone",
        _compile(
            rf"(?:\bphone|\btel(?:ephone)?|\bmobile|\bcell|\b(?:call|ring) me (?:on|at)|电话|電話|手机|手機)"
            rf"{_IS}(?P<hide>\+?\d(?:[\s().-]{{0,2}}\d){{5,14}}){E}"
        ),
    ),
    Rule("order", _compile(rf"{_ORDERISH}{_IS}(?P<hide>{_CODE}){E}{_UNIT}"), _is_reference),
    Rule("number", _compile(rf"{_PRICE}{B}[A-Za-z\d]{{0,12}}-?\d{{6,}}[A-Za-z\d]{{0,12}}{E}{_UNIT}")),
    Rule("number", _compile(rf"{_PRICE}{B}\d{{3,}}(?:[- ]\d{{3,}}){{1,5}}{E}{_UNIT}")),
    Rule("number", _compile(rf"{B}(?=[A-Z\d]*[A-Z])(?:[A-Z]*\d){{3}}[A-Z\d]{{5,40}}{E}", 0)),
)
RULES = (
    *(replace(rule, needs=DIGIT) for rule in _FIGURES),
    # A booking's code may have letters only.
    Rule("order", _compile(rf"{_ORDERISH}{_EXPLICIT}{_IS}(?P<hide>{_CODE}){E}"), _is_named_reference),
)
