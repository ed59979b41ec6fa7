"""What a caller of the service can do wrong, in domain words."""

from uuid import UUID


class BotError(Exception):
    """Base of every error of this package. Its text is one sentence that may be shown to the person who asked."""


class CredentialsMissingError(BotError):
    """Nobody said who is calling."""

    def __init__(self) -> None:
        super().__init__("This needs an API key, a visitor's token or a login.")


class CredentialsInvalidError(BotError):
    """The API key or the login is unknown or over."""


class TokenInvalidError(BotError):
    """A visitor's token is missing, damaged, over, or for another conversation."""


class IdentityInvalidError(BotError):
    """A signed identity cannot be believed."""


class CsrfTokenInvalidError(BotError):
    """A change came from a browser without the token that only our own pages know."""

    def __init__(self) -> None:
        super().__init__("The csrf_token of this login is missing or wrong; load the page again.")


class NameInvalidError(BotError):
    """A name that an account or a key cannot have."""


class PasswordWeakError(BotError):
    """A password that is soon guessed."""


class PasswordWrongError(BotError):
    """The password that somebody gave as their present one is another."""

    def __init__(self) -> None:
        super().__init__("The present password is wrong.")


class ForbiddenError(BotError):
    """The caller is known and may not do this."""


class OriginDeniedError(BotError):
    """A page of a site that the operator did not allow."""

    def __init__(self, origin: str) -> None:
        super().__init__(f"The origin {origin[:200]} is not one of WEAVER_ALLOWED_ORIGINS.")


class RateLimitedError(BotError):
    """More came than is allowed; `retry_after` is in seconds."""

    def __init__(self, what: str, retry_after: float) -> None:
        super().__init__(f"Too many {what}; try again in {retry_after:.1f} seconds.")
        self.retry_after = retry_after


class SocketsExhaustedError(BotError):
    """A network address has as many connections open as it may have."""

    def __init__(self, most: int) -> None:
        super().__init__(f"Your network has {most} connections open, which is the most; close some.")


class TextEmptyError(BotError):
    """A text without a single character that can be seen."""

    def __init__(self, text_limit: int) -> None:
        super().__init__(f"The text is empty; it must have 1 to {text_limit} characters.")


class TextTooLongError(BotError):
    """A text longer than the limit."""

    def __init__(self, length: int, text_limit: int) -> None:
        super().__init__(f"The text has {length} characters; it must have 1 to {text_limit}.")


class SlotUnfilledError(BotError):
    """A text in which something of one customer was taken out, and nothing put in its place."""

    def __init__(self, slot: str) -> None:
        super().__init__(f"The text still has {slot}; put in what fits this customer.")


class MomentError(BotError):
    """A date that is none."""

    def __init__(self, field: str) -> None:
        super().__init__(f"The field {field} is no date with a time, such as 2026-12-24T18:00.")


class ShortcutInvalidError(BotError):
    """A shortcut that cannot be typed after a slash."""

    def __init__(self, shortcut: str, most: int) -> None:
        super().__init__(
            f"The shortcut {shortcut[:60]!r} must be 1 to {most} letters, figures or hyphens, such as refund."
        )


class ForeignMessageError(BotError):
    """A visitor named a message that is not of their conversation."""

    def __init__(self, message_id: UUID) -> None:
        super().__init__(f"There is no message {message_id}.")


class AnswerInterruptedError(BotError):
    """The service stopped before the answer was there."""

    def __init__(self) -> None:
        super().__init__("The service is stopping; the message is stored and will be answered.")


class ImageTooLargeError(BotError):
    """An image of more bytes than are taken."""

    def __init__(self, most_bytes: int) -> None:
        super().__init__(f"The image is too large; it may have {most_bytes / 1_000_000:g} MB.")


class ImageTypeError(BotError):
    """A file that is none of the images that are taken, whatever its name says."""

    def __init__(self) -> None:
        super().__init__("The file is not a PNG, JPEG, WebP or GIF image.")


class ImageTooManyPixelsError(BotError):
    """An image that is larger than its bytes tell."""

    def __init__(self, most_pixels: int) -> None:
        super().__init__(f"The image has too many pixels; it may have {most_pixels / 1_000_000:g} million.")


class ImageAnimatedError(BotError):
    """An image that moves."""

    def __init__(self) -> None:
        super().__init__("The image is animated; send a still one.")


class ImageDamagedError(BotError):
    """An image that cannot be decoded to its end."""

    def __init__(self) -> None:
        super().__init__("The image is damaged; it cannot be opened.")


class NotReadyError(BotError):
    """The service cannot answer yet, or any more."""
