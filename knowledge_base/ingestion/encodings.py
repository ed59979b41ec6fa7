"""How a file's text is encoded: in UTF-8, or as spreadsheets save it, in UTF-16 and, in China, in GB18030."""

UTF_8, MARKED_UTF_8, UTF_16, GB18030 = "utf-8", "utf-8-sig", "utf-16", "gb18030"
NAMES = {UTF_8: "UTF-8", MARKED_UTF_8: "UTF-8", UTF_16: "UTF-16", GB18030: "UTF-8, nor GB18030 throughout"}
SAMPLE = 64 * 1024
_MARKS = {b"\xef\xbb\xbf": MARKED_UTF_8, b"\xff\xfe": UTF_16, b"\xfe\xff": UTF_16}
# The characters of the first level of GB 2312, which are those in daily use, and its punctuation, by their first bytes.
_DAILY = range(0xB0, 0xD8)
_PUNCTUATION = (0xA1, 0xA3)
# Bytes of another encoding make daily characters as well, but seldom the commonest.
_COMMON = frozenset(
    "的一是不了我有在人这个上们来到时大地为子中你说生就出也会可要对下和好没么能多还以后什么请问您天发货单订退款"
    "换商品客服用户名内容号间角色话题答吗怎如何为什么收钱付买卖家店快递物流送件价格优惠开票保修电成所用过想"
)
_SHARE_DAILY, _SHARE_COMMON, _FEWEST = 0.8, 0.1, 4


def told_by(start: bytes) -> str:
    """The encoding that a file's first bytes tell."""
    return next((encoding for mark, encoding in _MARKS.items() if start.startswith(mark)), UTF_8)


def is_chinese(sample: bytes) -> bool:
    """Whether bytes that are not UTF-8 are Chinese in GB18030 or GBK: nearly all in daily use, many of the commonest.

    Texts in one-byte encodings, Big5, Japanese and Korean encodings fail at one or the other.
    """
    try:
        text = sample.decode(GB18030)
    except UnicodeDecodeError as error:
        # The last character may be cut.
        if error.start < len(sample) - 4:
            return False
        text = sample[: error.start].decode(GB18030)
    characters = [character for character in text if not character.isascii()]
    daily = sum(_is_daily(character) for character in characters)
    common = sum(character in _COMMON for character in characters)
    enough = len(characters) >= _FEWEST
    return enough and daily >= _SHARE_DAILY * len(characters) and common >= _SHARE_COMMON * len(characters)


def _is_daily(character: str) -> bool:
    try:
        first, *_ = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return first in _DAILY or first in _PUNCTUATION
