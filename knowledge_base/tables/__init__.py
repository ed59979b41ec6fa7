"""SQL tables, a module a noun; importing this package registers all of them on `Base.metadata`."""

from knowledge_base.tables.account import AccountRow, ApiKeyRow, AuditRow, InvitationRow, LoginRow, SecretRow
from knowledge_base.tables.answer import MINED, AnswerRow, EncoderRow, KeyRow, PositionRow, RevisionRow
from knowledge_base.tables.attachment import AttachmentRow
from knowledge_base.tables.base import Base
from knowledge_base.tables.change import ChangeCounterRow, ChangeRow
from knowledge_base.tables.desk import CannedTextRow, NoteRow, PresenceRow
from knowledge_base.tables.dialogue import BotMessageRow, ConversationRow, DialogueRow, EventRow, TurnRow
from knowledge_base.tables.drift import DriftRow
from knowledge_base.tables.feedback import FeedbackRow
from knowledge_base.tables.frozen import FrozenQuestionRow
from knowledge_base.tables.imported import ImportRunRow
from knowledge_base.tables.model import ArtefactRow, ModelVersionRow, ShadowReplyRow, UpdateRunRow
from knowledge_base.tables.pair import AnswerPairRow
from knowledge_base.tables.particular import ParticularRow
from knowledge_base.tables.review import (
    ReviewClusterRow,
    ReviewDecisionRow,
    ReviewMemberRow,
    ReviewNoteRow,
    ReviewVectorRow,
    ReviewViewRow,
)
from knowledge_base.tables.watching import HeardRow, ObservationRow, TopicAlarmRow, WatchedHourRow, WatchRow

__all__ = [
    "MINED",
    "AccountRow",
    "AnswerPairRow",
    "AnswerRow",
    "ApiKeyRow",
    "ArtefactRow",
    "AttachmentRow",
    "AuditRow",
    "Base",
    "BotMessageRow",
    "CannedTextRow",
    "ChangeCounterRow",
    "ChangeRow",
    "ConversationRow",
    "DialogueRow",
    "DriftRow",
    "EncoderRow",
    "EventRow",
    "FeedbackRow",
    "FrozenQuestionRow",
    "HeardRow",
    "ImportRunRow",
    "InvitationRow",
    "KeyRow",
    "LoginRow",
    "ModelVersionRow",
    "NoteRow",
    "ObservationRow",
    "ParticularRow",
    "PositionRow",
    "PresenceRow",
    "ReviewClusterRow",
    "ReviewDecisionRow",
    "ReviewMemberRow",
    "ReviewNoteRow",
    "ReviewVectorRow",
    "ReviewViewRow",
    "RevisionRow",
    "SecretRow",
    "ShadowReplyRow",
    "TopicAlarmRow",
    "TurnRow",
    "UpdateRunRow",
    "WatchRow",
    "WatchedHourRow",
]
