"""What can go wrong in the memory, in domain words."""

from datetime import datetime


class KnowledgeError(Exception):
    """Base of every error of this package. Its text is one sentence that may be shown to the person who asked."""


class NotFoundError(KnowledgeError):
    """Something was named that is not stored."""

    noun = "item"

    def __init__(self, identifier: object) -> None:
        super().__init__(f"There is no {self.noun} {identifier}.")
        self.identifier = identifier


class DialogueNotFoundError(NotFoundError):
    """No dialogue has this id."""

    noun = "conversation"


class MessageNotFoundError(NotFoundError):
    """No message has this id."""

    noun = "message"


class NoteNotFoundError(NotFoundError):
    """No note of this author has this id."""

    noun = "note of yours"


class CannedTextNotFoundError(NotFoundError):
    """No canned text has this id."""

    noun = "canned text"


class CannedTextExistsError(KnowledgeError):
    """A canned text has this shortcut in this language already."""

    def __init__(self, shortcut: str, language: str) -> None:
        super().__init__(f"There is a canned text /{shortcut} in {language} already; change that one.")


class AttachmentNotFoundError(NotFoundError):
    """No image of this conversation has this id."""

    noun = "attachment"


class AttachmentSentError(KnowledgeError):
    """An image was named by a second message."""

    def __init__(self, attachment_id: object) -> None:
        super().__init__(f"The attachment {attachment_id} was sent with another message already.")


class AnswerNotFoundError(NotFoundError):
    """No answer has this id."""

    noun = "answer"


class AnswerExistsError(KnowledgeError):
    """Another answer has these very words."""

    def __init__(self, answer_id: str) -> None:
        super().__init__(f"The answer {answer_id} has these very words already.")
        self.answer_id = answer_id


class FeedbackNotFoundError(NotFoundError):
    """No feedback has this id."""

    noun = "feedback"


class DriftNotFoundError(NotFoundError):
    """No drift alarm with this id is open."""

    noun = "open drift alarm"


class AccountNotFoundError(NotFoundError):
    """No account has this name."""

    noun = "account"


class AccountExistsError(KnowledgeError):
    """The account's name is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"An account named {name} exists already.")


class LastAdminError(KnowledgeError):
    """Nobody would be left who may manage accounts."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is the last admin; make somebody else an admin first.")


class AccountSuspendedError(KnowledgeError):
    """The account may not be used for now."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The account {name} is suspended; an admin can restore it.")


class LoginNotFoundError(NotFoundError):
    """No open login of this account has this id."""

    noun = "session"


class InvitationNotFoundError(NotFoundError):
    """No invitation has this id or token. A token is not told again."""

    noun = "invitation"

    def __init__(self, identifier: object = "like this; ask for a new link") -> None:
        super().__init__(identifier)


class InvitationUsedError(KnowledgeError):
    """The link was used already."""

    def __init__(self) -> None:
        super().__init__("This link was used already; sign in, or ask for a new one.")


class InvitationExpiredError(KnowledgeError):
    """The link is too old."""

    def __init__(self) -> None:
        super().__init__("This link is too old; ask for a new one.")


class ApiKeyNotFoundError(NotFoundError):
    """No key has this id or name."""

    noun = "key"


class KeyExistsError(KnowledgeError):
    """The name of the program's key is taken."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A key named {name} exists already.")


class ClientIdReusedError(KnowledgeError):
    """One client_id was sent with two different texts, or with other attachments."""

    def __init__(self, client_id: str) -> None:
        super().__init__(f"The client_id {client_id} was already used for another message.")
        self.client_id = client_id


class ConversationClosedError(KnowledgeError):
    """A message came for a conversation that is over."""

    def __init__(self) -> None:
        super().__init__("This conversation is closed.")


class ConversationTakenError(KnowledgeError):
    """Another agent holds the conversation."""

    def __init__(self, agent: str) -> None:
        super().__init__(f"This conversation is with {agent}.")
        self.agent = agent


class FeedbackResolvedError(KnowledgeError):
    """Somebody else decided on this feedback first."""

    def __init__(self, reviewer: str) -> None:
        super().__init__(f"{reviewer} has already decided on this feedback.")


class VersionNotFoundError(NotFoundError):
    """No model version has this name."""

    noun = "model version"


class NoEarlierVersionError(KnowledgeError):
    """There is nothing to roll back to."""

    def __init__(self, name: str | None) -> None:
        super().__init__(f"There is no model version before {name}." if name else "There is no model version yet.")


class ArtefactDamagedError(KnowledgeError):
    """What a model version was trained to is not there as it was stored."""

    def __init__(self, sha256: str, reason: str) -> None:
        super().__init__(f"The trained weights {sha256[:12]} in the database {reason}; roll back to another version.")


class RunNotFoundError(KnowledgeError):
    """No update run has this id."""

    def __init__(self, run_id: object) -> None:
        super().__init__(f"There is no update run {run_id}.")


class RunUnderWayError(KnowledgeError):
    """Another process is updating the model."""

    def __init__(self, holder: str | None) -> None:
        super().__init__(f"An update of the model is under way already{f' ({holder})' if holder else ''}.")


class RunLostError(KnowledgeError):
    """A run was ended or taken over by somebody else while this process worked on it."""

    def __init__(self, run_id: object) -> None:
        super().__init__(f"The update run {run_id} is no longer this process's.")


class BurstNotFoundError(KnowledgeError):
    """No votes on this answer are set apart."""

    def __init__(self, answer_id: object) -> None:
        super().__init__(f"No votes on the answer {answer_id} wait for a decision.")


class PairNotFoundError(KnowledgeError):
    """No pair of answers has this id."""

    def __init__(self, pair_id: object) -> None:
        super().__init__(f"There is no pair of answers {pair_id}.")


class PairDecidedError(KnowledgeError):
    """Somebody else decided on this pair of answers first."""

    def __init__(self, state: str, by: str | None) -> None:
        super().__init__(f"{by or 'Somebody'} has already decided on this pair of answers: {state}.")


class SchemaError(KnowledgeError):
    """The database's schema is not the one that this program works with."""


class DatabaseUnavailableError(KnowledgeError):
    """The database cannot be opened, read or written."""


class DatabaseNotEmptyError(KnowledgeError):
    """Data would be written over other data."""

    def __init__(self, table: str) -> None:
        super().__init__(f"The target database is not empty: its table {table} has rows; name a new one.")


class BackupDamagedError(KnowledgeError):
    """A file is no backup that can be restored."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"The backup {path} cannot be restored: {reason}; nothing was stored.")


class BackupUnwritableError(KnowledgeError):
    """A backup cannot be written."""

    def __init__(self, path: object, reason: str) -> None:
        super().__init__(f"The backup {path} cannot be written: {reason}.")


class IndexUnavailableError(KnowledgeError):
    """The engine that holds the vectors outside of this process does not do its work."""


class SnapshotUnusableError(KnowledgeError):
    """The indexes on disk are not those of this database and this program."""

    def __init__(self, folder: object, reason: str) -> None:
        super().__init__(f"The indexes in {folder} cannot be opened: {reason}.")
        self.reason = reason


class SnapshotUnwritableError(KnowledgeError):
    """The indexes cannot be written to disk."""

    def __init__(self, folder: object, reason: str) -> None:
        super().__init__(f"The indexes cannot be written to {folder}: {reason}.")


class ClusterChangedError(KnowledgeError):
    """Somebody did something with what a person was looking at."""

    def __init__(self, by: str | None) -> None:
        super().__init__(
            f"{by or 'Somebody'} has changed this since you opened it; look at it again before you decide."
        )
        self.by = by


class DecisionNotFoundError(NotFoundError):
    """No decision has this id."""

    noun = "decision"


class DecisionUndoneError(KnowledgeError):
    """A decision that was taken back before."""

    def __init__(self, by: str | None) -> None:
        super().__init__(f"{by or 'Somebody'} has taken this decision back already.")


class ViewNotFoundError(NotFoundError):
    """No saved view of this person has this name."""

    noun = "saved view"


class AnswerRetiredError(KnowledgeError):
    """An answer that was taken out of service while a person was editing it."""

    def __init__(self, answer_id: str) -> None:
        super().__init__(f"The answer {answer_id} was retired meanwhile; choose another one or write a new one.")


class AnswerChangedError(KnowledgeError):
    """An answer that somebody changed while another person was about to."""

    def __init__(self, answer_id: str, by: str) -> None:
        super().__init__(f"{by} has changed the answer {answer_id} meanwhile; look at it before you change it.")


class ValidityError(KnowledgeError):
    """A time in which an answer is valid that ends before it begins."""

    def __init__(self, since: datetime, until: datetime) -> None:
        super().__init__(
            f"The answer would be valid until {until:%Y-%m-%d %H:%M}, which is not after {since:%Y-%m-%d %H:%M}."
        )


class ObservationNotFoundError(NotFoundError):
    """No outside text has this source and id."""

    noun = "observation"


class TopicAlarmNotFoundError(NotFoundError):
    """No alarm on a topic has this id."""

    noun = "topic alarm"
