"""What a shop or a carrier calls a matter by: orders, parcels, tickets, bookings; codes that can be nothing else."""

import re

from knowledge_base.privacy.figures import CODE, IS, UNIT, B, E
from knowledge_base.privacy.rule import DIGITS, CuedRule, Rule

# "Can I order PPR-9087?" speaks of a product, "reference HPC-3391" of a case.
_GOODS = "order|return|repair|parcel|shipment|claim"
_MATTERS = (
    "tracking|reference|ref|case|ticket|booking|reservation|confirmation|invoice|consignment|pnr|membership|member|customer"
    "|account|acct|policy|serial|imei|waybill|complaint|rma|订单|訂單|单号|單號|运单|運單|快递单|工单|流水|物流|参考|会员|會員|客户|客戶"
    "|账户|賬戶|帳戶|序列|预订|发票"
)
_GOODS_CUES, _MATTER_CUES = tuple(_GOODS.split("|")), tuple(_MATTERS.split("|"))
_EXPLICIT = (
    r"(?:\s{0,2}(?:number|no|nr|id|code|ref|reference|is|was|号码|号|號|编号|編號|码|碼|是|为|為)\b\.?|\s{0,2}[:：#])"
)
_LETTERS = r"[A-Za-z\d](?:[A-Za-z\d]|[-/](?=[A-Za-z\d])){3,31}"
PRODUCT_CODE = re.compile(r"[A-Za-z]{1,4}-?\d{2,4}")
_MEASURE = re.compile(r"\d+(?:st|nd|rd|th|x\d+|[ap]m|mins?|hrs?|hours?|days?|weeks?|digits?|gb|k)", re.IGNORECASE)
_LEAST = 4
_MIXED_LENGTH, _MIXED_DIGITS, _SECRET_LENGTH = 8, 4, 20


def _is_reference(match: re.Match[str]) -> bool:
    token = match["hide"]
    return len(token) >= _LEAST and DIGITS.search(token) is not None and not _MEASURE.fullmatch(token)


def _is_no_product(match: re.Match[str]) -> bool:
    return _is_reference(match) and not PRODUCT_CODE.fullmatch(match["hide"])


def _is_named_reference(match: re.Match[str]) -> bool:
    token = match["hide"]
    return any(character.isdigit() for character in token) or token.isupper()


def _is_mixed(match: re.Match[str]) -> bool:
    """Letters and figures mixed at such a length are nobody's word: 1080p and iPhone11 are shorter."""
    token = re.sub(r"[^A-Za-z\d]", "", match[0])
    figures = sum(character.isdigit() for character in token)
    return len(token) >= _MIXED_LENGTH and _MIXED_DIGITS <= figures < len(token)


def _mixed_kind(match: re.Match[str]) -> str:
    return "secret" if len(match[0]) >= _SECRET_LENGTH and not match[0].isupper() else "order"


def _rule(pattern: str, flags: int = re.IGNORECASE) -> Rule:
    return Rule("order", re.compile(pattern, flags), needs=DIGITS)


_VALUE = re.compile(rf"s?{IS}(?P<hide>{CODE}){E}{UNIT}", re.IGNORECASE)
_NAMED_VALUE = re.compile(rf"{_EXPLICIT}{IS}(?P<hide>{_LETTERS}){E}", re.IGNORECASE)
_NAMED = re.compile(r"\d|[A-Z]{4}")
RULES = (
    CuedRule("order", re.compile(_GOODS), _VALUE, _is_no_product, _GOODS_CUES, DIGITS),
    CuedRule("order", re.compile(_MATTERS), _VALUE, _is_reference, _MATTER_CUES, DIGITS),
    _rule(rf"{B}[A-Z]{{2,4}}(?:[ -]\d{{4,5}}){{2,4}}(?:[ -][A-Z]{{2}})?{E}", 0),
    _rule(rf"{B}[A-Z]{{1,6}}[ -]?\d{{6,}}[A-Z\d]{{0,6}}(?:[ -][A-Z]{{2}}\b)?{E}", 0),
    Rule(
        _mixed_kind,
        re.compile(rf"{B}(?=[A-Za-z_-]{{0,64}}\d)[A-Za-z\d]{{4,64}}(?:[-_][A-Za-z\d]{{2,64}}){{0,8}}{E}"),
        _is_mixed,
        DIGITS,
    ),
    Rule("order", re.compile(rf"{B}[A-Z\d]{{4}}(?: [A-Z\d]{{4}}){{2,6}}(?: [A-Z\d]{{1,3}})?{E}"), _is_mixed, DIGITS),
    # A booking's code may have letters only.
    CuedRule("order", re.compile(_GOODS), _NAMED_VALUE, _is_named_reference, _GOODS_CUES, _NAMED),
    CuedRule("order", re.compile(_MATTERS), _NAMED_VALUE, _is_named_reference, _MATTER_CUES, _NAMED),
)
