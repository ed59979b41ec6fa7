"""What customers say about themselves, taken out of texts before they become memories."""

from knowledge_base.privacy.masking import Masked, mask
from knowledge_base.privacy.names import found_in
from knowledge_base.privacy.slots import first_slot, has_slot

__all__ = ["Masked", "first_slot", "found_in", "has_slot", "mask"]
