"""Which of a list of personal messages are still sent: those that were approved, to whom has not opted out since."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from toolkit.api.dialect import PersonalTexts
from toolkit.data.bitmaps import Mask
from toolkit.models import MessageRequest
from toolkit.planning.digest import Request
from toolkit.plans.plan_step import PlanStep, text_fingerprint
from toolkit.plans.receipt import StepReceipt


def still_wanted(
    request: Request | None, step: PlanStep, are_suppressed: Callable[[Sequence[str]], Mask]
) -> MessageRequest | PersonalTexts | None:
    """What remains to be sent of a step's request, right before it is sent; None if nothing is.

    Of many texts in one request, those whose phone and text are as approved and whose recipient has not opted out.
    """
    match request:
        case MessageRequest():
            return None if are_suppressed([request.to]).any() else request
        case PersonalTexts():
            approved, suppressed = {*step.texts}, are_suppressed([each.to for each in request.texts])
            kept = tuple(
                each
                for each, is_suppressed in zip(request.texts, suppressed, strict=True)
                if not is_suppressed and text_fingerprint(each.to, each.text) in approved
            )
            return request.model_copy(update={"texts": kept}) if kept else None
    return None


def counting(receipt: StepReceipt, request: Request) -> StepReceipt:
    """The receipt of a step before it is sent, with how many of its texts are."""
    if not isinstance(request, PersonalTexts) or len(request.texts) == receipt.recipients:
        return receipt
    fewer = receipt.recipients - len(request.texts)
    words = f"{fewer:,} excluded: since the plan was approved they have opted out, or changed."
    return receipt.model_copy(update={"recipients": len(request.texts), "detail": words})
