"""Secrets' values, by Faker's lists for many countries and by the rules of each kind of number."""

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from faker import Faker

from benchmarks.planting import sentences
from benchmarks.planting.secret import plain

WESTERN = ("en_GB", "en_US", "en_IN", "de_DE", "pl_PL", "es_ES", "fr_FR", "cs_CZ", "tr_TR", "it_IT", "sv_SE", "nl_NL")
# Family names that are not among the commonest, beside Faker's.
RARE_SURNAMES = "仇佘阙褚卫冷戚谌娄訾晏皮宓池狄巫"
_SYLLABLES = ("ka", "lo", "mi", "ru", "ze", "bo", "ti", "fa", "ny", "du", "pe", "go")
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Value:
    """A value in its plainest spelling, and the parts that give it away."""

    text: str
    fragments: tuple[str, ...]


@cache
def faker(locale: str) -> Faker:
    """Faker's lists of one country, one generator a process."""
    return Faker(locale)


def seed(number: int) -> None:
    """All that follows is the same in every run."""
    Faker.seed(number)


def english_name(rng: random.Random) -> Value:
    """A first and a family name with Latin letters, from one of many countries."""
    lists = faker(rng.choice(WESTERN))
    while True:
        first, last = lists.first_name().split()[0], lists.last_name().split()[-1]
        ordinary = {plain(first), plain(last)} & sentences.words()
        if min(len(first), len(last)) > 3 and not ordinary:  # noqa: PLR2004 - shorter ones are parts of words
            return Value(f"{first} {last}", (first, last))


def chinese_name(rng: random.Random) -> Value:
    """A Chinese name of two or three characters, every fourth with a rare family name."""
    lists = faker("zh_CN")
    family = rng.choice(RARE_SURNAMES) if rng.random() < 0.25 else lists.last_name()  # noqa: PLR2004
    given = lists.first_name()
    return Value(family + given, (family + given, *((given,) if len(given) > 1 else ())))


def email(rng: random.Random) -> Value:
    """An address of mail."""
    lists = faker(rng.choice(("en_GB", "de_DE", "es_ES", "fr_FR")))
    local = f"{lists.user_name()}{rng.choice(['', '.', '_'])}{rng.choice(['', 'x', '7', '92'])}k"
    host = rng.choice(
        ["gmail.com", "outlook.com", "web.de", "proton.me", "yahoo.co.uk", "163.com", "qq.com", "uni.edu"]
    )
    return Value(f"{local}@{host}", (local,))


def western_phone(rng: random.Random) -> Value:
    """A phone number as Faker writes it for some country."""
    while True:
        text = faker(rng.choice(("en_GB", "en_US", "de_DE", "fr_FR", "pl_PL", "es_ES", "en_AU"))).phone_number()
        text = text.split("x")[0].strip()
        digits = _digits(text)
        if len(digits) > 7 and len(set(digits)) > 3:  # noqa: PLR2004 - no 000 000
            return Value(text, (digits[-6:],))


def chinese_phone(rng: random.Random) -> Value:
    """A mobile number of eleven digits, or one with an area code."""
    if rng.random() < 0.8:  # noqa: PLR2004
        text = rng.choice(["13", "15", "17", "18", "19"]) + _number(rng, 9)
    else:
        text = rng.choice(["010", "021", "0571", "0755"]) + "-" + _number(rng, 8)
    return Value(text, (_digits(text)[-6:],))


def card(rng: random.Random) -> Value:
    """A card number, one in four with a wrong last digit."""
    text = faker("en_US").credit_card_number(rng.choice(["visa16", "mastercard", "amex"]))
    if rng.random() < 0.25:  # noqa: PLR2004
        text = text[:-1] + str((int(text[-1]) + 1) % 10)
    return Value(text, (text[-8:], text[:8]))


def iban(rng: random.Random) -> Value:
    """An IBAN of some country."""
    text = faker(rng.choice(("en_GB", "de_DE", "fr_FR", "nl_NL", "pl_PL", "es_ES"))).iban()
    return Value(text, (text[4:14],))


def chinese_identity(rng: random.Random) -> Value:
    """A Chinese identity number with its checksum."""
    del rng
    text = faker("zh_CN").ssn()
    return Value(text, (text[6:14], text[-8:]))


def western_identity(rng: random.Random) -> Value:
    """A social security or national insurance number."""
    text = faker(rng.choice(("en_US", "en_GB"))).ssn()
    return Value(text, (text[-6:],))


def passport(rng: random.Random) -> Value:
    """A passport number: nine digits, or a letter or two and seven or eight digits."""
    letters = rng.choice(["", "E", "G", "P", "EA", "AB", "C0"])
    text = letters + _number(rng, 9 - len(letters))
    return Value(text, (text,))


def english_address(rng: random.Random) -> Value:
    """A house number, a street, a town and a postcode."""
    lists = faker("en_GB")
    name = lists.last_name()
    street = f"{name} {rng.choice(['Road', 'Street', 'Lane', 'Close', 'Avenue', 'Drive', 'Crescent', 'Court', 'Mews'])}"
    code = f"{rng.choice(['LS', 'M', 'BS', 'G', 'NE'])}{rng.randint(1, 29)} {rng.randint(1, 9)}{_letters(rng, 2)}"
    return Value(f"{rng.randint(2, 240)} {street}, {lists.city()}, {code}", (street, code))


def chinese_address(rng: random.Random) -> Value:
    """A street with its number in a city of Faker's, with building and room."""
    lists = faker("zh_CN")
    city, district, street = lists.city_name(), lists.district(), lists.street_name()
    place = f"{city}市{district}区{street}{rng.randint(2, 999)}号"
    return Value(place + f"{rng.randint(1, 30)}栋{rng.randint(101, 2904)}室", (street,))


def order(rng: random.Random) -> Value:
    """An order number in one of the shapes that shops use."""
    shape = rng.choice(["#######", "?-######", "???########", "##-#####-#####", "??##??##??", "###-#######-#######"])
    return _shaped(rng, shape)


def tracking(rng: random.Random) -> Value:
    """A parcel's number in one of the shapes that carriers use."""
    shape = rng.choice(
        ["??#########GB", "1Z###?##########", "JD###############", "SF#############", "############", "H##?#########"]
    )
    return _shaped(rng, shape)


def handle(rng: random.Random) -> Value:
    """A name on a social network or in a messenger."""
    base = faker(rng.choice(("en_US", "de_DE", "it_IT"))).user_name()
    text = f"{base}{rng.choice(['_', '', '.'])}{rng.choice(['xo', '88', 'real', 'z', '_77'])}"
    return Value(text, (text,))


def token(rng: random.Random) -> Value:
    """A key or a token of a program."""
    shape = rng.choice(["hex", "uuid", "base62", "prefixed"])
    if shape == "hex":
        text = f"{rng.getrandbits(128):032x}"
    elif shape == "uuid":
        raw = f"{rng.getrandbits(128):032x}"
        text = "-".join([raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]])
    else:
        text = "".join(rng.choice(_ALPHABET) for _ in range(28))
        text = rng.choice(["pat_", "key-", "tok_live_"]) + text if shape == "prefixed" else text
    return Value(text, (text,))


def password(rng: random.Random) -> Value:
    """A password: random, or a word with figures and marks as people make them."""
    if rng.random() < 0.5:  # noqa: PLR2004
        text = faker("en_US").password(length=rng.randint(8, 12))
    else:
        base = faker("en_GB").last_name()
        text = rng.choice([base, base.lower()]) + rng.choice(["!", "_", "#", ""]) + _number(rng, rng.choice([2, 4]))
    return Value(text, (text,))


def particular(rng: random.Random) -> Value:
    """What no rule knows, and what holds for one customer only: a sum, a plate, a pet, an employer, an hour."""
    lists = faker("en_GB")
    name = lists.last_name()
    plate = f"{_letters(rng, 2)}{rng.randint(51, 74)} {_letters(rng, 3)}"
    amount = f"{rng.randint(310, 9999)}.{rng.randint(11, 98)}"
    hour = f"{rng.randint(8, 19)}:{rng.randint(11, 49)}:{rng.randint(11, 58)}"
    made = "".join(
        rng.choice(["ka", "lo", "mi", "ru", "ze", "bo", "ti", "fa", "ny", "du", "pe", "go"]) for _ in range(5)
    )
    employer = f"{name} & {made.capitalize()}"
    return rng.choice(
        [
            Value(plate, (plate,)),
            Value(f"£{amount}", (amount,)),
            Value(hour, (hour,)),
            Value(made, (made,)),
            Value(employer, (employer,)),
            Value(made.capitalize(), (made,)),
        ]
    )


MAKERS: dict[tuple[str, str], Callable[[random.Random], Value]] = {
    ("name", "en"): english_name,
    ("name", "zh"): chinese_name,
    ("email", "en"): email,
    ("email", "zh"): email,
    ("phone", "en"): western_phone,
    ("phone", "zh"): chinese_phone,
    ("card", "en"): card,
    ("card", "zh"): card,
    ("iban", "en"): iban,
    ("iban", "zh"): iban,
    ("identity", "en"): western_identity,
    ("identity", "zh"): chinese_identity,
    ("passport", "en"): passport,
    ("passport", "zh"): passport,
    ("address", "en"): english_address,
    ("address", "zh"): chinese_address,
    ("order", "en"): order,
    ("order", "zh"): order,
    ("tracking", "en"): tracking,
    ("tracking", "zh"): tracking,
    ("account", "en"): handle,
    ("account", "zh"): handle,
    ("token", "en"): token,
    ("token", "zh"): token,
    ("password", "en"): password,
    ("password", "zh"): password,
    ("particular", "en"): particular,
    ("particular", "zh"): particular,
}


def _shaped(rng: random.Random, shape: str) -> Value:
    text = "".join(
        rng.choice(string.digits[1:]) if c == "#" else rng.choice(string.ascii_uppercase) if c == "?" else c
        for c in shape
    )
    return Value(text, (text,))


def _number(rng: random.Random, count: int) -> str:
    return "".join(rng.choice(string.digits) for _ in range(count))


def _letters(rng: random.Random, count: int) -> str:
    return "".join(rng.choice("ABDEFGHJLNPQRSTUWXYZ") for _ in range(count))


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
