"""Letters that stand in for look-alikes of another script: Cyrillic or Greek ones in a Latin word, or the reverse."""

import re

# Look-alikes in most typefaces, after Unicode's list of confusables (Technical Standard 39), in pairs of equal length.
_CYRILLIC = "асԁеһіјкӏорԛѕуѵԝхАВСЕНІЈКМОРԚЅТУѴԜХ"
_CYRILLIC_LATIN = "acdehijklopqsyvwxABCEHIJKMOPQSTYVWX"
_GREEK = "αεγικηνορτυχωϲϳΑΒΕΖΗΙΚΜΝΟΡΤΥΧ"
_GREEK_LATIN = "aeyiknvoptuxwcjABEZHIKMNOPTYX"
_TO_LATIN = dict(zip(_CYRILLIC + _GREEK, _CYRILLIC_LATIN + _GREEK_LATIN, strict=True))
# Only letters that Russian writes: a word is spelled in Cyrillic again when all its Latin letters are among these.
_RUSSIAN = "асекорухАВСЕНКМОРТУХ"
_TO_CYRILLIC = {_TO_LATIN[letter]: letter for letter in _RUSSIAN}
_FOREIGN = re.compile(r"[\u0370-\u03ff\u0400-\u052f]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_WORD = re.compile(r"[^\W_]+")


def unmixed(text: str) -> str:
    """The text with each word in one script.

    A word that mixes scripts is spelled in Latin letters when all its Cyrillic and Greek ones have a Latin twin, else
    in Cyrillic when all its Latin ones have a Cyrillic twin. A word of nothing but twins is Latin in a text that has
    Latin letters and no Cyrillic or Greek letter without a twin; so a Russian or Greek text stays what it is.
    """
    if not _FOREIGN.search(text):
        return text
    foreign_text = any(letter not in _TO_LATIN for letter in _FOREIGN.findall(text))
    latin_text = not foreign_text and _LATIN.search(text) is not None
    return _WORD.sub(lambda word: _unmixed_word(word[0], latin_text=latin_text), text)


def _unmixed_word(word: str, *, latin_text: bool) -> str:
    foreign, latin = _FOREIGN.findall(word), _LATIN.findall(word)
    if not foreign or not (latin or latin_text):
        return word
    could_be_cyrillic = all(letter in _TO_CYRILLIC for letter in latin)
    if all(letter in _TO_LATIN for letter in foreign) and (latin_text or not could_be_cyrillic):
        return "".join(_TO_LATIN.get(letter, letter) for letter in word)
    return "".join(_TO_CYRILLIC.get(letter, letter) for letter in word) if could_be_cyrillic else word
