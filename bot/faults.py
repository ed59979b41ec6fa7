"""Every domain error's code and HTTP status: the one table, for sockets and REST alike."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from bot import errors
from bot.imports import errors as uploads
from bot.judgements.correction import CorrectionError
from bot.updates.promotion import OtherEncodersError, UnlearnedVersionError
from knowledge_base import errors as knowledge
from knowledge_base import import_runs
from weaver_core.errors import ModelError


@dataclass(frozen=True, slots=True)
class Fault:
    """How an error is told: a code for programs and a status for HTTP."""

    code: str
    status: HTTPStatus


# Nothing that the caller can mend: it is told to wait, and what is wrong inside is for the log.
UNAVAILABLE = "unavailable"

FAULTS: dict[type[Exception], Fault] = {
    errors.BotError: Fault("refused", HTTPStatus.BAD_REQUEST),
    errors.CredentialsMissingError: Fault("credentials_missing", HTTPStatus.UNAUTHORIZED),
    errors.CredentialsInvalidError: Fault("credentials_invalid", HTTPStatus.UNAUTHORIZED),
    errors.TokenInvalidError: Fault("token_invalid", HTTPStatus.UNAUTHORIZED),
    errors.IdentityInvalidError: Fault("identity_invalid", HTTPStatus.UNAUTHORIZED),
    errors.CsrfTokenInvalidError: Fault("csrf_token_invalid", HTTPStatus.FORBIDDEN),
    errors.NameInvalidError: Fault("name_invalid", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.PasswordWeakError: Fault("password_weak", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.PasswordWrongError: Fault("password_wrong", HTTPStatus.FORBIDDEN),
    errors.ForbiddenError: Fault("forbidden", HTTPStatus.FORBIDDEN),
    errors.OriginDeniedError: Fault("origin_denied", HTTPStatus.FORBIDDEN),
    errors.RateLimitedError: Fault("rate_limited", HTTPStatus.TOO_MANY_REQUESTS),
    errors.SocketsExhaustedError: Fault("too_many_sockets", HTTPStatus.TOO_MANY_REQUESTS),
    errors.TextEmptyError: Fault("text_empty", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.TextTooLongError: Fault("text_too_long", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.SlotUnfilledError: Fault("slot_unfilled", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.MomentError: Fault("moment_invalid", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.ShortcutInvalidError: Fault("shortcut_invalid", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.ImageTooLargeError: Fault("image_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    errors.ImageTypeError: Fault("image_type", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    errors.ImageTooManyPixelsError: Fault("image_too_many_pixels", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.ImageAnimatedError: Fault("image_animated", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.ImageDamagedError: Fault("image_damaged", HTTPStatus.UNPROCESSABLE_ENTITY),
    errors.ForeignMessageError: Fault("message_not_found", HTTPStatus.NOT_FOUND),
    errors.AnswerInterruptedError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    errors.NotReadyError: Fault("not_ready", HTTPStatus.SERVICE_UNAVAILABLE),
    knowledge.KnowledgeError: Fault("refused", HTTPStatus.BAD_REQUEST),
    knowledge.NotFoundError: Fault("not_found", HTTPStatus.NOT_FOUND),
    knowledge.DialogueNotFoundError: Fault("conversation_not_found", HTTPStatus.NOT_FOUND),
    knowledge.MessageNotFoundError: Fault("message_not_found", HTTPStatus.NOT_FOUND),
    knowledge.AttachmentNotFoundError: Fault("attachment_not_found", HTTPStatus.NOT_FOUND),
    knowledge.NoteNotFoundError: Fault("note_not_found", HTTPStatus.NOT_FOUND),
    knowledge.CannedTextNotFoundError: Fault("canned_text_not_found", HTTPStatus.NOT_FOUND),
    knowledge.CannedTextExistsError: Fault("canned_text_exists", HTTPStatus.CONFLICT),
    knowledge.AttachmentSentError: Fault("attachment_sent", HTTPStatus.CONFLICT),
    knowledge.AnswerNotFoundError: Fault("answer_not_found", HTTPStatus.NOT_FOUND),
    knowledge.FeedbackNotFoundError: Fault("feedback_not_found", HTTPStatus.NOT_FOUND),
    knowledge.VersionNotFoundError: Fault("model_version_not_found", HTTPStatus.NOT_FOUND),
    knowledge.NoEarlierVersionError: Fault("no_earlier_version", HTTPStatus.CONFLICT),
    knowledge.RunNotFoundError: Fault("update_not_found", HTTPStatus.NOT_FOUND),
    knowledge.RunUnderWayError: Fault("update_under_way", HTTPStatus.CONFLICT),
    knowledge.RunLostError: Fault("update_lost", HTTPStatus.CONFLICT),
    knowledge.ArtefactDamagedError: Fault("model_damaged", HTTPStatus.CONFLICT),
    knowledge.BurstNotFoundError: Fault("burst_not_found", HTTPStatus.NOT_FOUND),
    knowledge.AnswerRetiredError: Fault("answer_retired", HTTPStatus.CONFLICT),
    knowledge.AnswerChangedError: Fault("answer_changed", HTTPStatus.CONFLICT),
    knowledge.ValidityError: Fault("validity_invalid", HTTPStatus.UNPROCESSABLE_ENTITY),
    import_runs.ImportNotFoundError: Fault("import_not_found", HTTPStatus.NOT_FOUND),
    import_runs.ImportStateError: Fault("import_state", HTTPStatus.CONFLICT),
    import_runs.ImportLostError: Fault("import_lost", HTTPStatus.CONFLICT),
    import_runs.TooManyImportsError: Fault("too_many_imports", HTTPStatus.CONFLICT),
    uploads.UploadEmptyError: Fault("upload_empty", HTTPStatus.UNPROCESSABLE_ENTITY),
    uploads.UploadHalfError: Fault("upload_incomplete", HTTPStatus.UNPROCESSABLE_ENTITY),
    uploads.UploadTooLargeError: Fault("content_too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    knowledge.ClusterChangedError: Fault("changed_meanwhile", HTTPStatus.CONFLICT),
    knowledge.DecisionNotFoundError: Fault("decision_not_found", HTTPStatus.NOT_FOUND),
    knowledge.DecisionUndoneError: Fault("decision_undone", HTTPStatus.CONFLICT),
    knowledge.ViewNotFoundError: Fault("view_not_found", HTTPStatus.NOT_FOUND),
    knowledge.DriftNotFoundError: Fault("drift_not_found", HTTPStatus.NOT_FOUND),
    knowledge.ObservationNotFoundError: Fault("observation_not_found", HTTPStatus.NOT_FOUND),
    knowledge.TopicAlarmNotFoundError: Fault("topic_alarm_not_found", HTTPStatus.NOT_FOUND),
    knowledge.PairNotFoundError: Fault("pair_not_found", HTTPStatus.NOT_FOUND),
    knowledge.AccountNotFoundError: Fault("account_not_found", HTTPStatus.NOT_FOUND),
    knowledge.AccountExistsError: Fault("account_exists", HTTPStatus.CONFLICT),
    knowledge.LastAdminError: Fault("last_admin", HTTPStatus.CONFLICT),
    knowledge.AccountSuspendedError: Fault("account_suspended", HTTPStatus.FORBIDDEN),
    knowledge.LoginNotFoundError: Fault("session_not_found", HTTPStatus.NOT_FOUND),
    knowledge.InvitationNotFoundError: Fault("invitation_not_found", HTTPStatus.NOT_FOUND),
    knowledge.InvitationUsedError: Fault("invitation_used", HTTPStatus.GONE),
    knowledge.InvitationExpiredError: Fault("invitation_expired", HTTPStatus.GONE),
    knowledge.ApiKeyNotFoundError: Fault("key_not_found", HTTPStatus.NOT_FOUND),
    knowledge.KeyExistsError: Fault("key_exists", HTTPStatus.CONFLICT),
    knowledge.AnswerExistsError: Fault("answer_exists", HTTPStatus.CONFLICT),
    knowledge.ClientIdReusedError: Fault("client_id_reused", HTTPStatus.CONFLICT),
    knowledge.ConversationClosedError: Fault("conversation_closed", HTTPStatus.CONFLICT),
    knowledge.ConversationTakenError: Fault("conversation_taken", HTTPStatus.CONFLICT),
    knowledge.FeedbackResolvedError: Fault("feedback_resolved", HTTPStatus.CONFLICT),
    knowledge.PairDecidedError: Fault("pair_decided", HTTPStatus.CONFLICT),
    knowledge.SchemaError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    knowledge.DatabaseUnavailableError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    knowledge.DatabaseNotEmptyError: Fault("database_not_empty", HTTPStatus.CONFLICT),
    knowledge.BackupDamagedError: Fault("backup_damaged", HTTPStatus.UNPROCESSABLE_ENTITY),
    knowledge.BackupUnwritableError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    knowledge.IndexUnavailableError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    knowledge.SnapshotUnusableError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    knowledge.SnapshotUnwritableError: Fault(UNAVAILABLE, HTTPStatus.SERVICE_UNAVAILABLE),
    OtherEncodersError: Fault("other_encoders", HTTPStatus.CONFLICT),
    UnlearnedVersionError: Fault("version_unlearned", HTTPStatus.CONFLICT),
    CorrectionError: Fault("correction_refused", HTTPStatus.UNPROCESSABLE_ENTITY),
    ModelError: Fault("model_unavailable", HTTPStatus.SERVICE_UNAVAILABLE),
}
DOMAIN_ERRORS = (errors.BotError, knowledge.KnowledgeError, ModelError)
DomainError = errors.BotError | knowledge.KnowledgeError | ModelError

_SHOULD = re.compile(r"^\w+ should ")
# What pydantic says of the length of a text that a validator has prepared, as if it were a list.
_ITEMS = re.compile(r"(?<=\d) items? after validation, not \d+$")


def fault_of(error: DomainError) -> Fault:
    """An error's entry in the table: its own, else that of the nearest class that it is a kind of."""
    return next(FAULTS[kind] for kind in type(error).__mro__ if kind in FAULTS)


def sentence_of(problems: Sequence[Mapping[str, Any]]) -> str:
    """One sentence for the first of pydantic's validation errors, naming the field."""
    problem = problems[0]
    name = name_of(problem)
    subject = f"The field {name}" if name else "The body"
    message = _ITEMS.sub(" characters", problem["msg"]) if isinstance(problem.get("input"), str) else problem["msg"]
    match problem["type"]:
        case "missing":
            return f"{subject} is missing."
        case "json_invalid":
            return f"The body is not valid JSON: {problem['ctx']['error']}."
        case "value_error":
            return f"{subject} {message.removeprefix('Value error, ')}."
        case _ if _SHOULD.match(message):
            return f"{subject} should {_SHOULD.sub('', message)}."
        case _:
            return f"{subject} is wrong: {message[:1].lower()}{message[1:]}."


def name_of(problem: Mapping[str, Any]) -> str:
    """The field that a validation error is about, such as `history.0.text`; empty for the whole body."""
    # What stands in brackets names one of several forms of a body.
    place = [str(part) for part in problem["loc"] if not str(part).startswith("(")]
    if place and place[0] in ("body", "query", "path", "header", "cookie"):
        place = place[1:]
    return "" if problem["type"] == "json_invalid" else ".".join(place)
