"""Past dialogues are stored and mined without what they say about persons."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from knowledge_base import answers, dialogues, positions
from knowledge_base.answers import Answer, AnswerStatus
from knowledge_base.database import Database
from knowledge_base.ingestion import known_dialogues, mining, past_dialogues
from knowledge_base.ingestion.courtesies import Courtesy
from knowledge_base.ingestion.errors import NothingKeptError, StrictImportError
from knowledge_base.ingestion.importing import ImportOptions, import_file
from knowledge_base.ingestion.mining import Pair
from knowledge_base.ingestion.summary import ImportSummary
from weaver_core.dialogue import Dialogue, PositionKind, Role, Turn

CONTACTS = ("help@shop.example",)
LIMESCALE = "That is limescale. Boil it with citric acid and rinse it twice."


def said(*texts: str, **facts: object) -> dict[str, Any]:
    """A dialogue line: a text that begins with a: is the agent's, all others are the customer's."""
    turns = [
        {"role": "agent", "text": text[2:].strip()} if text.startswith("a:") else {"role": "customer", "text": text}
        for text in texts
    ]
    return {"id": "d1", "turns": turns} | facts


def pairs_of(*texts: str, **facts: object) -> tuple[Pair, ...]:
    """What is mined from a dialogue."""
    return mining.mine(past_dialogues.parse(1, said(*texts, **facts)).dialogue, CONTACTS).pairs


def skipped_in(*texts: str, **facts: object) -> dict[str, int]:
    """Why agent turns of a dialogue gave no answer."""
    return dict(mining.mine(past_dialogues.parse(1, said(*texts, **facts)).dialogue, CONTACTS).skipped)


def written(path: Path, lines: Sequence[dict[str, Any]]) -> Path:
    """A JSONL file of these lines."""
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


async def mined(database: Database) -> list[Answer]:
    """All answers that were mined."""
    async with database.reading() as session:
        found = await answers.find(session, statuses=tuple(AnswerStatus), limit=1000)
    return sorted((answer for answer in found if answer.origin == "dialogue"), key=lambda answer: answer.id)


def test_an_answer_is_paired_with_the_customer_turns_before_it_in_their_context() -> None:
    (first, second) = pairs_of(
        "my kettle is full of white stuff",
        "how do i clean it?",
        f"a:{LIMESCALE}",
        "how often should i do that then",
        "a:Every four to eight weeks, it depends on your water.",
    )
    assert (first.turn, first.question) == (2, "my kettle is full of white stuff\nhow do i clean it?")
    assert (first.answer, first.context) == (LIMESCALE, None)
    assert second.question == "how often should i do that then"
    assert second.context is not None
    assert second.context.splitlines() == [
        "customer: my kettle is full of white stuff",
        "customer: how do i clean it?",
        f"agent: {LIMESCALE}",
    ]


def test_what_a_bot_said_answers_nothing_and_leaves_the_question_open() -> None:
    line = said("how do i clean my kettle?", "a:one moment", f"a:{LIMESCALE}")
    line["turns"][1] = {"role": "bot", "text": "You can read about kettles on our page about kettles."}
    found = mining.mine(past_dialogues.parse(1, line).dialogue)
    assert [(pair.question, pair.answer) for pair in found.pairs] == [("how do i clean my kettle?", LIMESCALE)]
    assert dict(found.skipped) == {mining.BOTS_WORDS: 1}
    assert past_dialogues.parse(1, line).dialogue.turns[1].role is Role.BOT


def test_the_names_that_an_export_knows_are_masked() -> None:
    line = said("how do i clean my kettle?", f"a:{LIMESCALE} Tell wanda if it does not help.", names=["Wanda Okoro"])
    parsed = past_dialogues.parse(1, line)
    (pair,) = mining.mine(parsed.dialogue, names=parsed.names).pairs
    assert "wanda" not in pair.answer
    assert pair.personal


def test_the_numbers_and_dashes_of_a_list_are_no_facts_of_a_customer() -> None:
    (pair,) = pairs_of(
        "how do i clean it?", "a:In three steps:\n1. Empty the tank.\n 2) Rinse it.\n- Let it dry.\n3、Done."
    )
    assert not pair.personal
    (pair,) = pairs_of("how do i clean it?", "a:In three steps:\n1. Empty the tank.\n2. Fill in 3 litres.")
    assert pair.personal


def test_the_context_is_the_last_four_turns() -> None:
    rounds = [
        text for n in range(4) for text in (f"and what about the {n} th thing", f"a:That thing works well, see {n}.")
    ]
    assert len((pairs_of(*rounds)[-1].context or "").splitlines()) == 4


def test_an_answer_in_several_messages_is_one_answer() -> None:
    (pair,) = pairs_of(
        "what is the warranty on pans", "a:Hi! It is a lifetime one 1/2", "a:for cracks and warping only. 2/2 ^AB"
    )
    assert pair.answer == "It is a lifetime one for cracks and warping only."


def test_the_question_still_stands_after_one_moment_please() -> None:
    (pair,) = pairs_of(
        "where is the spare parts shop?", "a:Please hold on.", "ok thanks", "a:You find it under Service, at the top."
    )
    assert pair.question == "where is the spare parts shop?"
    assert pair.turn == 3


def test_a_short_reply_to_a_question_back_is_joined_to_what_it_belongs_to() -> None:
    (pair,) = pairs_of("it leaks at the bottom", "a:Which kettle is it, please?", "the fjord", f"a:{LIMESCALE}")
    assert pair.question == "it leaks at the bottom\nthe fjord"


@pytest.mark.parametrize(
    ("turn", "reason"),
    [
        ("Hello, welcome to our shop!", Courtesy.GREETING),
        ("You're welcome, have a lovely day!", Courtesy.GREETING),
        ("不客气，祝您使用愉快~", Courtesy.GREETING),
        ("Please hold on while I check this for you.", Courtesy.HOLD),
        ("亲，请稍等~", Courtesy.HOLD),
        ("Please DM us your details so that we can help.", Courtesy.REDIRECT),
        ("请私信我们您的账号信息，我们来处理。", Courtesy.REDIRECT),
        ("Could I have your order number please?", Courtesy.COUNTER_QUESTION),
        ("您好，请问是哪一款水壶呢？", Courtesy.COUNTER_QUESTION),
        ("Just a timer.", Courtesy.SHORT),
        ("会的。", Courtesy.SHORT),
    ],
)
def test_what_answers_nothing_is_left_out_with_its_reason(turn: str, reason: Courtesy) -> None:
    assert skipped_in("my kettle is full of white stuff, why?", f"a:{turn}") == {reason: 1}


def test_a_customer_who_only_thanks_asks_nothing() -> None:
    texts = ("Thank you so much!!", "👍", f"a:{LIMESCALE}")
    assert pairs_of("a:Welcome to the shop of shops", *texts) == ()
    assert skipped_in(*texts)[mining.ONLY_COURTESY] == 1


def test_an_unresolved_dialogue_is_not_mined() -> None:
    assert skipped_in("how do i clean my kettle?", f"a:{LIMESCALE}", resolved=False) == {mining.UNRESOLVED: 1}


def test_salutations_handles_and_signatures_are_no_part_of_an_answer() -> None:
    for turn in (
        f"Hi Maria, {LIMESCALE}",
        f"@12345 Hello Maria! {LIMESCALE} ^AB",
        f"Dear Ms Keller,\n\n{LIMESCALE}\n\nKind regards\nCallum, Harbour & Pine",
        f"{LIMESCALE} Thanks - Tom",
    ):
        (pair,) = pairs_of("why is my kettle white inside?", f"a:{turn}")
        assert (pair.answer, pair.personal) == (LIMESCALE, False)


def test_an_answer_with_a_slot_or_a_fact_is_personal() -> None:
    texts = [
        "Your order HP-204518 has left us today.",
        "It reaches you on 9 September at last.",
        "Please ask at Biscuit the cat.",
    ]
    for text in texts:
        (pair,) = pairs_of("where is my parcel now?", f"a:{text}")
        assert pair.personal


async def store(
    database: Database,
    tmp_path: Path,
    *lines: dict[str, Any],
    approve: Literal["auto", "review"] | None = None,
    strict: bool = False,
) -> ImportSummary:
    """Import these dialogues."""
    path = written(tmp_path / "dialogues.jsonl", lines)
    return await import_file(database, path, ImportOptions(company_contacts=CONTACTS, approve=approve, strict=strict))


@pytest.mark.anyio
async def test_a_dialogue_is_stored_with_all_its_turns_and_its_pairs_point_to_them(
    database: Database, tmp_path: Path
) -> None:
    line = said(
        "how do i clean my kettle?", f"a:{LIMESCALE}", customer="c-1", channel="chat", language="en-GB", resolved=True
    )
    line["turns"][0]["at"] = "2026-09-03T10:02:04Z"
    line["turns"].append({"role": "customer", "text": " \x00 "})
    summary = await store(database, tmp_path, line)
    assert (summary.format, summary.new, summary.mined, summary.pending, summary.stripped) == ("dialogues", 1, 1, 1, 1)
    (answer,) = await mined(database)
    assert (answer.text, answer.status, answer.title) == (LIMESCALE, AnswerStatus.PENDING, "how do i clean my kettle?")
    async with database.reading() as session:
        passages = await positions.of_answer(session, answer.id)
        assert passages[0].turn_id is not None
        origin = await dialogues.of_turn(session, passages[0].turn_id)
    assert origin is not None
    assert [turn.role for turn in origin.dialogue.turns] == [Role.CUSTOMER, Role.AGENT]
    assert origin.dialogue.turns[0].at is not None
    assert (origin.source, origin.dialogue.customer, origin.dialogue.language) == ("dialogues", "c-1", "en")
    assert {passage.turn_id for passage in passages} == {origin.turn_ids[1]}
    assert {passage.kind for passage in passages} == {PositionKind.QUESTION, PositionKind.SENTENCE}


@pytest.mark.anyio
async def test_the_turns_of_a_dialogue_are_stored_masked(database: Database, tmp_path: Path) -> None:
    line = said("i am maria keller, how do i clean my kettle?", f"a:Hi Maria! {LIMESCALE} Ring 07700 900214.")
    await store(database, tmp_path, line)
    (answer,) = await mined(database)
    async with database.reading() as session:
        (passage, *_) = await positions.of_answer(session, answer.id)
        assert passage.turn_id is not None
        origin = await dialogues.of_turn(session, passage.turn_id)
    assert origin is not None
    assert [turn.text for turn in origin.dialogue.turns] == [
        "i am ‹name›, how do i clean my kettle?",
        f"Hi ‹name›! {LIMESCALE} Ring ‹phone›.",
    ]


@pytest.mark.anyio
async def test_the_same_dialogues_again_are_duplicates_and_other_content_under_one_id_is_rejected(
    database: Database, tmp_path: Path
) -> None:
    line = said("how do i clean my kettle?", f"a:{LIMESCALE}")
    other = said("how do i clean my kettle?", "a:We do not know how that is done.")
    assert (await store(database, tmp_path, line, line)).duplicate == 1
    again = await store(database, tmp_path, line, other)
    assert (again.new, again.duplicate, again.mined) == (0, 1, 0)
    assert [(one.number, one.reason) for one in again.rejected] == [(2, "the dialogue d1 is stored with other content")]
    assert len(await mined(database)) == 1


async def told(database: Database) -> Dialogue:
    """What is stored of the dialogue d1."""
    async with database.reading() as session:
        known = (await known_dialogues.find(session, "dialogues", ["d1"]))["d1"]
        assert known.id is not None
        return (await dialogues.get(session, known.id)).dialogue


@pytest.mark.anyio
async def test_a_dialogue_that_has_grown_is_brought_up_to_date_and_its_new_turns_are_mined(
    database: Database, tmp_path: Path
) -> None:
    begun = ["i asked Maria. how do i clean my kettle?", f"a:{LIMESCALE}"]
    more = ["and how often should i do that?", "a:Every four to eight weeks, it depends on your water.", "maria it is"]
    await store(database, tmp_path, said(*begun))
    grown = said(*begun, *more, customer="Maria", resolved=True)
    later = await store(database, tmp_path, grown)
    assert (later.new, later.updated, later.duplicate, later.rejected) == (0, 1, 0, ())
    stored = await told(database)
    assert (stored.customer, stored.resolved) == ("Maria", True)
    assert [turn.text for turn in stored.turns] == [
        "i asked ‹name›. how do i clean my kettle?",
        LIMESCALE,
        "and how often should i do that?",
        "Every four to eight weeks, it depends on your water.",
        "‹name› it is",
    ]
    assert len(await mined(database)) == 2
    assert (await store(database, tmp_path, grown)).duplicate == 1
    async with database.reading() as session:
        first, second = await mined(database)
        held = [len(await positions.of_answer(session, answer.id)) for answer in (first, second)]
    assert held == [3, 2]


@pytest.mark.anyio
async def test_a_dialogue_may_grow_within_one_file_but_not_lose_or_change_a_turn(
    database: Database, tmp_path: Path
) -> None:
    begun = ("how do i clean my kettle?", f"a:{LIMESCALE}")
    whole = said(*begun, "thanks, that helped")
    summary = await store(database, tmp_path, said(*begun), whole)
    assert (summary.new, summary.updated, summary.rejected) == (1, 1, ())
    assert len((await told(database)).turns) == 3
    changed = said(begun[0], "a:We do not know how that is done.", "thanks, that helped", "bye")
    again = await store(database, tmp_path, whole, said(*begun), changed)
    assert (again.duplicate, [one.number for one in again.rejected]) == (1, [2, 3])
    assert len((await told(database)).turns) == 3


@pytest.mark.anyio
async def test_equal_masked_answers_are_one_answer_with_both_questions(database: Database, tmp_path: Path) -> None:
    lines = [
        said("how do i clean my kettle?", f"a:Hi Maria, {LIMESCALE}"),
        said("what is the white stuff in it?", f"a:Hi Tom, {LIMESCALE}", id="d2"),
    ]
    await store(database, tmp_path, *lines)
    (answer,) = await mined(database)
    async with database.reading() as session:
        asked = [one.text for one in await positions.of_answer(session, answer.id) if one.kind is PositionKind.QUESTION]
    assert asked == ["how do i clean my kettle?", "what is the white stuff in it?"]


@pytest.mark.anyio
async def test_a_fact_told_to_one_customer_keeps_an_answer_from_the_others(database: Database, tmp_path: Path) -> None:
    told = "It takes 23 minutes until the lamp is ready again."
    line = said("how long must i wait for it?", f"a:{told}", customer="c-1")
    summary = await store(database, tmp_path, line, line | {"id": "d2"})
    assert summary.personal == 1
    assert [answer.personal for answer in await mined(database)] == [True]
    await store(database, tmp_path, line | {"id": "d3", "customer": "c-2"})
    assert [answer.personal for answer in await mined(database)] == [False]


@pytest.mark.anyio
async def test_a_fact_that_the_company_states_itself_is_nobody_s_secret(database: Database, tmp_path: Path) -> None:
    faq = tmp_path / "faq.jsonl"
    faq.write_text('{"question": "How long?", "answer": "Wait 23 minutes, please."}\n')
    await import_file(database, faq, ImportOptions())
    await store(database, tmp_path, said("how long must i wait for it?", "a:It takes 23 minutes until it is ready."))
    assert [answer.personal for answer in await mined(database)] == [False]


@pytest.mark.anyio
async def test_a_code_of_the_company_s_own_stays_in_what_a_customer_asked(database: Database, tmp_path: Path) -> None:
    faq = tmp_path / "faq.jsonl"
    faq.write_text('{"question": "What is RTX4090Ti?", "answer": "A kettle with a timer."}\n')
    await import_file(database, faq, ImportOptions())
    line = said("how do i clean RTX4090Ti, not RTX5090Ti?", f"a:{LIMESCALE}")
    await store(database, tmp_path, line)
    (answer,) = await mined(database)
    async with database.reading() as session:
        asked = [one.text for one in await positions.of_answer(session, answer.id) if one.kind is PositionKind.QUESTION]
    assert asked == ["how do i clean RTX4090Ti, not ‹order›?"]


@pytest.mark.anyio
async def test_without_a_reviewer_no_title_is_what_a_customer_wrote(database: Database, tmp_path: Path) -> None:
    line = said("my flatmate is a nurse, does she get anything?", "a:Sorry! We have no scheme for key workers.")
    await store(database, tmp_path, line, approve="auto")
    (answer,) = await mined(database)
    assert (answer.status, answer.title) == (AnswerStatus.APPROVED, "We have no scheme for key workers.")


@pytest.mark.anyio
async def test_what_was_mined_and_comes_as_an_faq_is_the_company_s_own_word(database: Database, tmp_path: Path) -> None:
    await store(database, tmp_path, said("how do i clean my kettle?", f"a:{LIMESCALE}"))
    (before,) = await mined(database)
    faq = tmp_path / "faq.jsonl"
    faq.write_text(json.dumps({"question": "White stuff?", "answer": LIMESCALE}) + "\n")
    assert (await import_file(database, faq, ImportOptions())).updated == 1
    async with database.reading() as session:
        answer = await answers.get(session, before.id)
    assert (answer.origin, answer.status, answer.personal) == ("faq", AnswerStatus.APPROVED, False)


@pytest.mark.anyio
async def test_bad_dialogues_are_rejected_with_plain_reasons(database: Database, tmp_path: Path) -> None:
    good = said("how do i clean my kettle?", f"a:{LIMESCALE}")
    turn = {"role": "customer", "text": "hi"}
    bad: list[tuple[dict[str, Any], str]] = [
        ({"turns": [turn]}, "id is missing"),
        ({"id": "x"}, "turns is missing"),
        ({"id": "x", "turns": "hi"}, "turns is not a list"),
        ({"id": "x", "turns": []}, "it has no turn with a text"),
        ({"id": "x", "turns": ["hi"]}, "turn 1 is not an object"),
        (
            {"id": "x", "turns": [turn, turn, turn | {"role": "boss"}]},
            "turn 3 has the role 'boss'; it must be customer, agent or bot",
        ),
        ({"id": "x", "turns": [{"text": "hi"}]}, "turn 1 has no role"),
        ({"id": "x", "turns": [turn, {"role": "agent"}]}, "turn 2 has no text"),
        ({"id": "x", "turns": [turn | {"text": 5}]}, "the text of turn 1 is not a text"),
        ({"id": "x", "turns": [turn | {"at": "noon"}]}, "the time of turn 1 is not a date: 'noon'"),
        ({"id": "x", "turns": [turn], "resolved": "yes"}, "resolved is neither true nor false"),
        ({"id": "x", "turns": [turn], "channel": "c" * 65}, "channel is longer than 64 characters"),
    ]
    summary = await store(database, tmp_path, good, *(line for line, _ in bad))
    assert [(one.number, one.reason) for one in summary.rejected] == [
        (number, reason) for number, (_, reason) in enumerate(bad, start=2)
    ]


@pytest.mark.anyio
async def test_strict_sees_other_content_under_one_id_in_the_file_and_in_the_memory(
    database: Database, tmp_path: Path
) -> None:
    line, other = said("how do i clean my kettle?", f"a:{LIMESCALE}"), said("hello there, anybody?")
    with pytest.raises(StrictImportError, match="line 2: the dialogue d1 is stored with other content"):
        await store(database, tmp_path, line, other, strict=True)
    async with database.reading() as session:
        assert await dialogues.count(session) == 0
    await store(database, tmp_path, line, strict=True)
    with pytest.raises(StrictImportError, match="line 1"):
        await store(database, tmp_path, other, strict=True)
    with pytest.raises(NothingKeptError, match="line 1: the dialogue d1"):
        await store(database, tmp_path, other)


class KilledError(Exception):
    """Stands for a killed process."""


@pytest.mark.anyio
async def test_an_interrupted_import_of_dialogues_ends_with_the_same_content(
    database: Database, tmp_path: Path
) -> None:
    lines = [
        said(f"how do i clean kettle {n}?", f"a:Take kettle {n} and boil it well.", id=f"d{n}") for n in range(120)
    ]
    path = written(tmp_path / "dialogues.jsonl", lines)

    def stop(done: int, total: int) -> None:
        if done > total // 3:
            raise KilledError

    with pytest.raises(KilledError):
        await import_file(database, path, ImportOptions(), stop)
    first = len(await mined(database))
    assert 0 < first < 120
    summary = await import_file(database, path, ImportOptions())
    assert summary.new + summary.duplicate == 120
    assert summary.new == 120 - first
    assert len(await mined(database)) == 120


SECRETS = ["Otter-Lane-1987", "4111 1111 1111 1111", "maria.keller@mail.example", "HP-204518", "13800138000", "王小明"]
TOLD = {
    "Otter-Lane-1987": "my password is Otter-Lane-1987",
    "4111 1111 1111 1111": "the card is 4111 1111 1111 1111",
    "maria.keller@mail.example": "write to maria.keller@mail.example",
    "HP-204518": "the order is HP-204518",
    "13800138000": "电话13800138000",
    "王小明": "我叫王小明",
}


@pytest.mark.anyio
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    planted=st.lists(st.sampled_from(SECRETS), min_size=1, max_size=3),
    by=st.lists(st.sampled_from(list(Role)[:2]), min_size=3, max_size=3),
    number=st.integers(min_value=0),
)
async def test_no_planted_secret_reaches_a_position_or_a_title(
    sqlite_database: Database, tmp_path: Path, planted: list[str], by: list[Role], number: int
) -> None:
    turns = [
        Turn(role, f"Please mind this: {TOLD[secret]}. It is about the kettle.")
        for role, secret in zip(by, planted, strict=False)
    ]
    turns = [Turn(Role.CUSTOMER, "how do i clean my kettle?"), *turns, Turn(Role.AGENT, LIMESCALE)]
    line = {"id": number, "turns": [{"role": turn.role.value, "text": turn.text} for turn in turns]}
    await store(sqlite_database, tmp_path, line | {"id": f"{number}-{planted}-{by}"})
    async with sqlite_database.reading() as session:
        for answer in await mined(sqlite_database):
            texts = [answer.title, answer.text]
            for passage in await positions.of_answer(session, answer.id):
                texts += [passage.text, passage.context or ""]
            assert not [secret for secret in SECRETS for text in texts if secret in text]


def test_the_content_hash_sees_every_fact_of_a_dialogue() -> None:
    plain = Dialogue("d", (Turn(Role.CUSTOMER, "hi"),))
    others = [
        Dialogue("d", (Turn(Role.AGENT, "hi"),)),
        Dialogue("d", (Turn(Role.CUSTOMER, "ho"),)),
        Dialogue("d", (Turn(Role.CUSTOMER, "hi"),), customer="c"),
        Dialogue("d", (Turn(Role.CUSTOMER, "hi"),), resolved=False),
    ]
    hashes = {past_dialogues.content_hash(dialogue) for dialogue in (plain, *others)}
    assert len(hashes) == 5
