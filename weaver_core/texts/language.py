"""Which language a text is in, told by its script."""

import re
from collections import Counter

# Script → language. Han without kana is read as Chinese; Latin is read as English, the default installation's language.
_SCRIPTS = {
    "ja": re.compile(r"[\u3040-\u30ff]"),
    "zh": re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]"),
    "ko": re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"),
    "ru": re.compile(r"[\u0400-\u04ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "en": re.compile(r"[A-Za-z\u00c0-\u024f]"),
}
# A Chinese character carries about as much as this many Latin letters: "我的 order 还没到" is Chinese.
_HAN_WEIGHT = 3


def detect(text: str) -> str | None:
    """The ISO 639-1 code of a text's language, None when it has no letters (emoji, digits, punctuation)."""
    counts = Counter({language: len(script.findall(text)) for language, script in _SCRIPTS.items()})
    counts["zh"] *= _HAN_WEIGHT
    counts["ja"] *= 2 * _HAN_WEIGHT
    if counts["ja"]:
        counts["ja"] += counts.pop("zh")
    language, count = counts.most_common(1)[0]
    return language if count else None
