# One file: a table, with a way to break each guard.
"""Guards of sending, each with a way to break it and who notices: `mutations.py [dialect] [name…]` tries them.

A mutation is one edit of one line in a scratch copy; the suite is worth something only if every one of them makes a
test fail, in each dialect of the API that it is about. The status is 1 if one survives.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from toolkit.settings import DialectName

ROOT = Path(__file__).parents[2]
_COPIED = ("toolkit", "mcp_server", "tests", "pyproject.toml", "Makefile", "README.md", "LICENSE")
_PATH, _MODES, _STEPS, _CANARIES = (
    f"tests/sending/test_{name}.py" for name in ("guarded_path", "modes", "steps", "canaries")
)
_APPROVALS, _DRIFT, _SIGNATURES = (
    f"tests/sending/approval/test_{name}.py" for name in ("approvals", "drift_after_approval", "signatures")
)
_UNCLEAR, _SETTLING = (f"tests/sending/interrupted/test_{name}.py" for name in ("unclear_answers", "settling"))
_LEDGER, _ARMS = "tests/ledger/test_ledger.py", "tests/planning/test_arms.py"
_JOURNAL = "tests/sending/interrupted/test_send_journal.py"
_TEAM = "tests/ledger/test_team_ledger.py"
_CONSENT, _STOPPED = "tests/mcp/guard/test_consent.py", "tests/mcp/test_who_is_stopped.py"
_EXACT = "tests/published/test_exact_targets.py"
_CANCELING, _PERSONAL = "tests/published/test_canceling.py", "tests/published/test_personal_texts.py"
_STAGES, _REHEARSAL = (f"tests/published/stages/test_{name}.py" for name in ("two_stages", "rehearsal"))
_WHOLE, _PARTIAL = "tests/published/test_whole_way.py", "tests/published/test_partial_replies.py"
_SAID, _RECONCILE = "tests/sending/test_statements.py", "tests/sending/interrupted/test_reconcile.py"

DIALECTS: tuple[DialectName, ...] = get_args(DialectName)
GUIDES = frozenset(  # these write requests, replies or ids of the guide by hand
    (
        f"{_APPROVALS}::test_blocking_findings_cannot_be_approved",
        f"{_PATH}::test_another_count_at_the_service_is_said_loudly",
        f"{_RECONCILE}::test_a_campaign_of_another_count_is_found_with_an_alarm",
        f"{_RECONCILE}::test_an_import_that_did_not_arrive_is_not_found",
        f"{_RECONCILE}::test_another_file_in_its_place_is_not_held_against_the_contacts",
        f"{_RECONCILE}::test_nothing_is_not_taken_of_what_the_service_has",
        f"{_SETTLING}::test_a_campaign_with_another_name_or_text_does_not_settle_it",
        f"{_SETTLING}::test_one_campaign_settles_one_plan",
        f"{_STEPS}::test_who_opts_out_while_a_list_is_being_sent_is_left_out",
    )
)


@dataclass(frozen=True)
class Mutation:
    """One edit: `old` stands once in the file and becomes `new`; `test` is who notices."""

    name: str
    file: str
    old: str
    new: str
    test: str


MUTATIONS = tuple(
    Mutation(*each)
    for each in (
        # The published dialect
        (
            "what was approved in one dialect is sent in another",
            "toolkit/sending/plan_difference.py",
            "if approved.dialect != current.dialect:",
            "if False:",
            f"{_WHOLE}::test_what_was_approved_in_one_dialect_is_not_sent_in_another",
        ),
        (
            "braces that the service fills are sent",
            "toolkit/api/published/requests.py",
            'if "{" in text or "}" in text:',
            "if False:",
            f"{_WHOLE}::test_a_single_message_that_would_not_arrive_as_shown_is_not_planned",
        ),
        (
            "a count that comes later is not compared",
            "toolkit/plans/receipt.py",
            "if step is None or step.accepted is not None or campaign.statistics is None:",
            "if True:",
            f"{_PARTIAL}::test_a_count_that_comes_later_is_compared_with_what_was_approved",
        ),
        (
            "a message without a contact is nobody's",
            "toolkit/contact_reading.py",
            "if lack_contacts(logs).any():",
            "if False:",
            f"{_PARTIAL}::test_a_message_without_a_conversation_is_that_of_the_contact_with_its_number",
        ),
        (
            "a message is another's with the number",
            "toolkit/audience/log_contacts.py",
            "~contacts.ids[rows].isin(list(planned))",
            "False",
            f"{_PARTIAL}::test_a_message_without_a_conversation_is_that_of_the_contact_with_its_number",
        ),
        (
            "a canary that was canceled in SeaX is as good as another",
            "toolkit/sending/canary_verdict.py",
            "if campaign.is_canceled or (counted is not None and counted.canceled):",
            "if False:",
            f"{_CANARIES}::test_a_canary_that_was_canceled_stops_the_rest",
        ),
        (
            "a canary nobody counts is waited for",
            "toolkit/sending/canary_verdict.py",
            "if not counted.total:",
            "if False:",
            f"{_CANARIES}::test_a_canary_whose_counters_cannot_be_read_is_judged_by_its_log",
        ),
        (
            "labels that record an opt-out are replaced",
            "toolkit/planning/imports/file_findings.py",
            'if draft.on_duplicate == "replace":',
            "if False:",
            "tests/planning/imports/test_opt_outs.py::test_labels_that_record_an_opt_out_are_not_replaced_away",
        ),
        # The door
        (
            "anything may be sent",
            "toolkit/sending/outbox.py",
            "if not isinstance(approval, Approval):",
            "if False:",
            f"{_APPROVALS}::test_only_an_approval_can_be_sent",
        ),
        (
            "an approval nobody recorded",
            "toolkit/sending/outbox.py",
            "self._ledger.check_approval(approval)",
            "pass",
            f"{_APPROVALS}::test_a_forged_approval_sends_nothing",
        ),
        (
            "an edited row",
            "toolkit/sending/outbox.py",
            "self._ledger.check(approval.plan_id)",
            "pass",
            f"{_SIGNATURES}::test_a_plan_edited_in_the_ledger_is_not_sent_though_it_was_signed",
        ),
        (
            "what it takes is not asked",
            "toolkit/sending/outbox.py",
            "check_approvals(plan, self._ledger.approvals(plan.id),",
            "(lambda *_, **__: None)(plan, (),",
            f"{_SIGNATURES}::test_a_click_given_before_the_limit_was_set_is_not_enough",
        ),
        (
            "the mode is not looked at",
            "toolkit/sending/outbox.py",
            "if not allows(self._mode, wanted):",
            "if False:",
            f"{_MODES}::test_below_live_nothing_is_sent_whoever_approved",
        ),
        (
            "the kill switch is not looked at",
            "toolkit/sending/outbox.py",
            "        self._switch.check()\n        check_open(",
            "        check_open(",
            f"{_MODES}::test_halting_stops_what_has_not_been_posted",
        ),
        (
            "the switch is looked at once",
            "toolkit/sending/outbox.py",
            "self._check_may_send(plan, entry)  # reading again may have taken long",
            "pass",
            f"{_MODES}::test_halting_while_contacts_are_read_again_stops_it_too",
        ),
        (
            "drift is let through",
            "toolkit/sending/plan_difference.py",
            "refuse_drift(approved, now.plan)",
            "pass",
            f"{_DRIFT}::test_someone_joining_after_the_yes_stops_the_send",
        ),
        (
            "what was approved is not held against now",
            "toolkit/sending/outbox.py",
            "return compare_with_approved(plan, now, waiting if is_begun else None), now",
            "return now.requests, now",
            f"{_DRIFT}::test_someone_opting_out_after_the_yes_stops_the_send",
        ),
        (
            "an audience that changed",
            "toolkit/sending/plan_difference.py",
            "if current.audience_digest != approved.audience_digest:",
            "if False:",
            f"{_DRIFT}::test_someone_opting_out_after_the_yes_stops_the_send",
        ),
        (
            "senders that changed",
            "toolkit/sending/plan_difference.py",
            "if current.digest != approved.digest:",
            "if False:",
            f"{_DRIFT}::test_another_sender_number_stops_the_send",
        ),
        (
            "a plan that has become blocked",
            "toolkit/sending/plan_difference.py",
            'current.refuse_if_blocked("Since the plan was approved it was blocked")',
            "pass",
            f"{_DRIFT}::test_a_plan_that_becomes_blocked_is_not_sent",
        ),
        (
            "the same wish is sent again",
            "toolkit/sending/outbox.py",
            'if left and not (left.plan.id == plan.id and left.state == "partial"):',
            "if False:",
            f"{_PATH}::test_an_approval_used_twice_sends_once_and_says_so",
        ),
        (
            "a lost claim posts all the same",
            "toolkit/sending/outbox.py",
            "return self._lost_race(plan, progress)",
            "pass",
            f"{_PATH}::test_two_at_once_send_once",
        ),
        # Exact targets
        (
            "the service does not count",
            "toolkit/sending/service_count.py",
            "if counted is None or counted == expected:",
            "if True:",
            f"{_EXACT}::test_a_service_that_ignores_ids_is_sent_nothing",
        ),
        (
            "a count before each send",
            "toolkit/sending/outbox.py",
            "check_count(self._client, request, now.plan, step)",
            "pass",
            f"{_EXACT}::test_a_label_given_in_the_last_moment_is_counted_and_refused_with_both_numbers",
        ),
        (
            "contacts by id are not compared with the recipients",
            "toolkit/audience/targets/verification.py",
            "reached = reached | named if target.any_of or target.all_of else named",
            "pass",
            f"{_EXACT}::test_an_arbitrary_set_is_named_by_id_with_people_who_have_no_label",
        ),
        (
            "contacts by id are not sent",
            "toolkit/api/published/requests.py",
            '"addition_contact_ids": list(request.target.contacts),',
            "",
            f"{_EXACT}::test_an_arbitrary_set_is_named_by_id_with_people_who_have_no_label",
        ),
        # Canceling
        (
            "what nobody confirmed is called canceled",
            "toolkit/sending/cancel.py",
            "is_canceled = campaign is not None and campaign.is_canceled",
            "is_canceled = campaign is not None",
            f"{_CANCELING}::test_a_service_that_deletes_what_has_not_begun_is_asked_so",
        ),
        (
            "what has begun is deleted",
            "toolkit/sending/cancel.py",
            "if not found.is_canceled and _has_not_begun(found.campaign, service_now()):",
            "if not found.is_canceled:",
            f"{_CANCELING}::test_a_service_that_deletes_what_has_not_begun_is_asked_so",
        ),
        (
            "one that ran and is gone is called canceled",
            "toolkit/sending/cancel.py",
            "is_canceled=unbegun, is_gone=True",
            "is_canceled=True, is_gone=True",
            f"{_CANCELING}::test_one_that_is_gone_is_canceled_only_if_it_had_not_begun",
        ),
        (
            "a repeated cancel writes nothing down",
            "toolkit/sending/cancel.py",
            "if is_canceled and noted.is_due:",
            "if False:",
            f"{_CANCELING}::test_a_ledger_that_cannot_be_written_stops_no_cancel_and_has_it_from_the_next",
        ),
        (
            "a cancel is not written down before it is asked for",
            "toolkit/sending/cancel.py",
            'noted.write("cancel asked", why)',
            "pass",
            f"{_CANCELING}::test_one_that_is_scheduled_is_canceled_and_nothing_of_it_is_sent",
        ),
        (
            "every error is a refusal",
            "toolkit/sending/posting.py",
            "if reason is not error or (isinstance(error, ServiceError) and is_definite_refusal(error)):",
            "if reason is not error or isinstance(error, ServiceError):",
            f"{_UNCLEAR}::test_an_accepted_campaign_whose_reply_is_incomplete_keeps_its_id",
        ),
        (
            "no error is a refusal",
            "toolkit/sending/posting.py",
            "if reason is not error or (isinstance(error, ServiceError) and is_definite_refusal(error)):",
            "if False:",
            f"{_UNCLEAR}::test_a_definite_refusal_gives_the_approval_back",
        ),
        (
            "Ctrl+C is forgotten",
            "toolkit/sending/posting.py",
            "except BaseException as error:",
            "except Exception as error:",
            f"{_UNCLEAR}::test_being_interrupted_while_sending_is_unknown",
        ),
        (
            "a failed ledger is called unsent",
            "toolkit/sending/posting.py",
            "except Exception as error:  # the request was sent, whatever this is",
            "except ZeroDivisionError as error:",
            f"{_UNCLEAR}::test_a_ledger_that_fails_after_the_send_is_not_called_unsent",
        ),
        (
            "another count goes unsaid",
            "toolkit/plans/receipt.py",
            "if receipt.accepted in {None, receipt.recipients}:",
            "if True:",
            f"{_PATH}::test_another_count_at_the_service_is_said_loudly",
        ),
        (
            "a broken answer is a refusal",
            "toolkit/api/caller.py",
            "400 <= error.status < 500",
            "400 <= error.status < 600",
            "tests/sending/interrupted/test_killed_sends.py::test_a_send_that_meets_a_fault_is_received_once_or_never",
        ),
        (
            "the rest goes to anybody",
            "toolkit/sending/plan_difference.py",
            "refuse_other_rest(approved, waiting, now.plan)",
            "pass",
            f"{_CANARIES}::test_the_rest_is_not_sent_to_others_than_were_approved",
        ),
        (
            "opt-outs are read once",
            "toolkit/sending/personal_texts.py",
            "return None if are_suppressed([request.to]).any() else request",
            "return request",
            f"{_STEPS}::test_who_opts_out_while_a_list_is_being_sent_is_left_out",
        ),
        (
            "opt-outs among many texts are read once",
            "toolkit/sending/personal_texts.py",
            "if not is_suppressed and text_fingerprint",
            "if text_fingerprint",
            f"{_PERSONAL}::test_who_opts_out_between_two_requests_is_excluded_from_the_next",
        ),
        (
            "a text that changed since is sent",
            "toolkit/sending/personal_texts.py",
            "and text_fingerprint(each.to, each.text) in approved",
            "",
            f"{_PERSONAL}::test_a_name_that_changes_meanwhile_is_not_sent_in_another_text",
        ),
        (
            "what waits is divided again",
            "toolkit/planning/address.py",
            "    if reading.approved:\n",
            "    if reading.approved and False:\n",
            f"{_PERSONAL}::test_what_waits_goes_on_in_the_parts_that_were_approved",
        ),
        (
            "any log is of these texts",
            "toolkit/sending/reconciling/arrived_messages.py",
            "<= {*lost.step.texts}",
            "is not None",
            f"{_PERSONAL}::test_a_campaign_of_its_name_with_other_texts_is_not_taken_for_it",
        ),
        (
            "a canary is not waited for",
            "toolkit/sending/outbox.py",
            'if verdict.outcome == "wait":',
            "if False:",
            f"{_CANARIES}::test_the_first_few_go_alone_and_the_rest_when_they_fared_well",
        ),
        (
            "a canary that fares badly",
            "toolkit/sending/outbox.py",
            'if verdict.outcome == "stop":',
            "if False:",
            f"{_CANARIES}::test_a_canary_that_fares_badly_stops_the_rest",
        ),
        # The ledger
        (
            "steps in any order",
            "toolkit/ledger/ledger.py",
            'or not {"sent", "refused"}.issuperset(states[: step - 1])',
            "",
            f"{_LEDGER}::test_steps_leave_in_their_order",
        ),
        (
            "another version may claim",
            "toolkit/ledger/ledger.py",
            'or plan["digest"] != approval.digest',
            "",
            f"{_LEDGER}::test_an_approval_of_another_version_cannot_claim",
        ),
        (
            "limits are not counted",
            "toolkit/ledger/ledger.py",
            'check_limits(db, limits, plan["workspace"], people, at=leaving)',
            "pass",
            f"{_LEDGER}::test_a_daily_limit_counts_what_left_within_a_day",
        ),
        (
            "one message too many",
            "toolkit/ledger/limits.py",
            "if had >= limits.per_person",
            "if had > limits.per_person",
            f"{_LEDGER}::test_nobody_gets_more_a_day_than_they_may_whatever_is_known_of_the_last",
        ),
        (
            "a number has as many messages as contacts",
            "toolkit/ledger/limits.py",
            "for each in (person, *limits.namesakes.get(person, ()))",
            "for each in (person,)",
            f"{_STEPS}::test_what_another_process_sends_to_the_same_number_counts_for_it",
        ),
        (
            "what is unknown counts for no limit",
            "toolkit/ledger/claimed_people.py",
            "('sending', 'sent', 'unknown')",
            "('sent')",
            f"{_LEDGER}::test_nobody_gets_more_a_day_than_they_may_whatever_is_known_of_the_last",
        ),
        (
            "whom a claim reaches is not written down",
            "toolkit/ledger/ledger.py",
            "note_claimed(db, approval.plan_id, step, people, at=at, leaves_at=leaving)",
            "pass",
            f"{_LEDGER}::test_nobody_gets_more_a_day_than_they_may_whatever_is_known_of_the_last",
        ),
        (
            "an earlier try of a step counts on its day",
            "toolkit/ledger/claimed_people.py",
            'if leaves_at and key == f"{_day(leaves_at)} {keys[key]}"',
            "if leaves_at",
            f"{_LEDGER}::test_a_step_that_is_claimed_again_on_another_day_counts_there_alone",
        ),
        (
            "the day's total is not kept",
            "toolkit/ledger/limits.py",
            "if had + len(people) > limits.daily:",
            "if False:",
            f"{_LEDGER}::test_a_daily_limit_counts_what_left_within_a_day",
        ),
        # Experiments
        (
            "an arm gets another's text",
            "toolkit/plans/draft.py",
            "message = self.messages.get(arm, self.message)",
            "message = self.message",
            f"{_ARMS}::test_each_arm_gets_its_own_text_and_the_others_nothing",
        ),
        (
            "who is held out is texted",
            "toolkit/planning/batches.py",
            "drawn.members(arm)",
            "drawn.members(arm) | ((drawn.places < 0) & audience.recipients)",
            f"{_ARMS}::test_each_arm_gets_its_own_text_and_the_others_nothing",
        ),
        (
            "everybody is in every arm",
            "toolkit/planning/batches.py",
            "drawn.members(arm)",
            "audience.recipients",
            f"{_ARMS}::test_each_arm_gets_its_own_text_and_the_others_nothing",
        ),
        (
            "who is held out is counted as a recipient",
            "toolkit/planning/batches.py",
            "audience.only(texted, Outcome.HELD_OUT).only(due)",
            "audience",
            f"{_ARMS}::test_each_arm_gets_its_own_text_and_the_others_nothing",
        ),
        (
            "one canary for all arms",
            "toolkit/planning/batches.py",
            "return sorted(found, key=lambda batch: not batch.is_canary)",
            "return found",
            f"{_ARMS}::test_the_first_few_of_every_arm_go_before_the_rest_of_any",
        ),
        (
            "only the first text has to be tested",
            "toolkit/planning/preflight/check_input.py",
            "return self.draft.texts",
            "return (self.draft.message,)",
            f"{_ARMS}::test_every_text_has_to_be_tested",
        ),
        # Counted from what left
        (
            "who shares a number is somebody else",
            "toolkit/planning/preflight/audience_findings.py",
            "numbers = read_numbers(out.contacts, out.audience.channel)\n    had",
            "numbers = read_numbers(out.contacts, 'whatsapp_phone')\n    had",
            "tests/planning/preflight/test_findings.py::test_a_text_to_somebody_with_the_same_number_was_a_text_to_both",
        ),
        (
            "two sends of one wish",
            "toolkit/ledger/store.py",
            "CREATE UNIQUE INDEX IF NOT EXISTS one_send",
            "CREATE INDEX IF NOT EXISTS one_send",
            f"{_LEDGER}::test_two_plans_of_one_intent_cannot_both_leave",
        ),
        (
            "not on the disk before the next step",
            "toolkit/ledger/store.py",
            "PRAGMA synchronous = EXTRA",
            "PRAGMA synchronous = OFF",
            f"{_LEDGER}::test_every_step_is_on_the_disk_before_the_next",
        ),
        (
            "writers overlap",
            "toolkit/ledger/store.py",
            'db.execute("BEGIN IMMEDIATE")\n            try:',
            'db.execute("BEGIN")\n            try:',
            f"{_LEDGER}::test_every_step_is_on_the_disk_before_the_next",
        ),
        (
            "any state after any other",
            "toolkit/plans/states.py",
            "WHEN NEW.state <> OLD.state AND NOT ({allowed})",
            "WHEN 0",
            f"{_LEDGER}::test_no_statement_moves_a_plan_where_it_may_not_go",
        ),
        (
            "an edited plan passes the audit",
            "toolkit/ledger/audit.py",
            "or events[0].digest != content_digest(db, plan_id)",
            "",
            f"{_LEDGER}::test_an_edited_row_shows_and_is_not_sent",
        ),
        (
            "an edited approval passes the audit",
            "toolkit/ledger/audit.py",
            'if approved != [chain.digest_of(row["body"]) for row in bodies]:',
            "if False:",
            f"{_LEDGER}::test_an_edited_row_shows_and_is_not_sent",
        ),
        (
            "events do not hang together",
            "toolkit/ledger/chain.py",
            "json.dumps([previous, *content])",
            "json.dumps([*content])",
            f"{_LEDGER}::test_an_event_that_was_sealed_anew_does_not_fit_those_after_it",
        ),
        (
            "phones in the events",
            "toolkit/ledger/chain.py",
            "return _NUMBER.sub(lambda found: mask(found.group()), text)",
            "return text",
            f"{_LEDGER}::test_events_say_who_and_from_which_face_and_show_no_phone",
        ),
        # The yes
        (
            "any count approves",
            "toolkit/sending/approver.py",
            "if type(recipients) is not int or recipients != plan.recipients:",
            "if False:",
            f"{_APPROVALS}::test_a_wrong_count_approves_nothing",
        ),
        (
            "code approves on a real workspace",
            "toolkit/sending/human_presence.py",
            "return not live",
            "return True",
            f"{_APPROVALS}::test_code_cannot_approve_on_a_live_workspace",
        ),
        (
            "code passes for a click",
            "toolkit/sending/human_presence.py",
            "return is_browser_event()",
            "return True",
            f"{_APPROVALS}::test_code_cannot_pass_itself_off_as_a_person",
        ),
        (
            "code passes for a form",
            "toolkit/sending/human_presence.py",
            "return _answering.get() == via",
            "return True",
            f"{_APPROVALS}::test_code_cannot_pass_itself_off_as_a_person",
        ),
        (
            "plans last for ever",
            "toolkit/sending/approver.py",
            'if state == "expired" or now >= plan.expires_at:',
            'if state == "expired":',
            f"{_APPROVALS}::test_an_expired_plan_is_neither_approved_nor_sent",
        ),
        (
            "blocked plans are approved",
            "toolkit/sending/approver.py",
            'plan.refuse_if_blocked("The plan is blocked")',
            "pass",
            f"{_APPROVALS}::test_blocking_findings_cannot_be_approved",
        ),
        (
            "declined plans are sent",
            "toolkit/sending/approver.py",
            'if state in {"declined", "withdrawn"}:',
            "if False:",
            f"{_APPROVALS}::test_a_declined_or_withdrawn_plan_sends_nothing",
        ),
        (
            "a click for thousands",
            "toolkit/sending/approver.py",
            "many = already.unsigned + plan.recipients > policy.signed_above",
            "many = False",
            f"{_SIGNATURES}::test_above_the_limit_a_click_is_not_enough",
        ),
        (
            "slices count as they are planned alone",
            "toolkit/sending/approver.py",
            "many = already.unsigned + plan.recipients > policy.signed_above",
            "many = plan.recipients > policy.signed_above",
            f"{_SIGNATURES}::test_a_large_send_in_slices_takes_the_signature_of_the_whole",
        ),
        (
            "slices approved beforehand leave unsigned",
            "toolkit/ledger/ledger.py",
            'check(reached(db, plan["workspace"], at, but=approval.plan_id, live=bool(int(plan["live"]))))',
            "pass",
            f"{_SIGNATURES}::test_slices_that_another_process_sends_meanwhile_count_in_the_claim",
        ),
        (
            "slices signed by one need no second person",
            "toolkit/sending/approver.py",
            "already.by_one + plan.recipients > policy.two_person_above",
            "plan.recipients > policy.two_person_above",
            f"{_SIGNATURES}::test_slices_signed_by_one_count_towards_two_people",
        ),
        (
            "a key that nobody pinned signs",
            "toolkit/sending/approver_keys.py",
            "return not live or key in self.pinned",
            "return not live or not self.pinned or key in self.pinned or self.named is None",
            f"{_SIGNATURES}::test_no_signature_counts_on_a_real_workspace_before_a_person_pinned_its_key",
        ),
        (
            "the policy raises a pinned threshold",
            "toolkit/plans/policy.py",
            "min(self.signed_above, signed_above)",
            "self.signed_above",
            f"{_SIGNATURES}::test_where_approvers_are_pinned_the_policy_only_lowers_the_thresholds",
        ),
        (
            "who cannot be asked need not sign",
            "toolkit/sending/approver.py",
            "signed=plan.live and (two or many or not can_ask)",
            "signed=plan.live and (two or many)",
            f"{_CONSENT}::test_a_host_that_cannot_ask_sends_on_a_real_workspace_what_is_signed",
        ),
        (
            "a click counts for who cannot ask",
            "mcp_server/guard/send_obstacles.py",
            "return None if ws.approvals.needed(entry.plan.id, can_ask=can_ask(call)).signed else standing",
            "return standing",
            f"{_CONSENT}::test_a_host_that_cannot_ask_sends_on_a_real_workspace_what_is_signed",
        ),
        (
            "an expired yes",
            "toolkit/sending/approver.py",
            "if now >= approval.expires_at:",
            "if False:",
            f"{_SIGNATURES}::test_an_expired_yes_counts_for_nothing",
        ),
        (
            "one person is two",
            "toolkit/sending/approver.py",
            "if len(people) < wanted.people:",
            "if len(people) < 1:",
            f"{_SIGNATURES}::test_two_people_means_two_keys",
        ),
        # The signature
        (
            "any signature",
            "toolkit/sending/approver_keys.py",
            "key.verify(base64.b64decode(signature, validate=True), statement)",
            "pass",
            f"{_SIGNATURES}::test_a_forged_signature_in_the_ledger_sends_nothing",
        ),
        (
            "any key",
            "toolkit/sending/approver_keys.py",
            "if self._fingerprint_of(name) != fingerprint_:",
            "if False:",
            f"{_SIGNATURES}::test_a_forged_signature_in_the_ledger_sends_nothing",
        ),
        (
            "keys that do not count",
            "toolkit/sending/approver_keys.py",
            "if not self.counts(approval.key, live=plan.live):",
            "if False:",
            f"{_SIGNATURES}::test_a_key_of_ones_own_counts_for_nothing_once_keys_are_named_outside",
        ),
        (
            "a signature for any plan of the draft",
            "toolkit/sending/approver_keys.py",
            '"plan": plan.id,',
            "",
            f"{_SIGNATURES}::test_a_signature_for_an_earlier_plan_of_the_same_draft_is_not_one_for_this",
        ),
        (
            "a signature without an end",
            "toolkit/sending/approver_keys.py",
            '"expires_at": expires_at.astimezone(UTC).isoformat(),',
            "",
            f"{_SIGNATURES}::test_a_forged_signature_in_the_ledger_sends_nothing",
        ),
        (
            "everybody reads the private key",
            "toolkit/sending/approver_keys.py",
            "secret, 0o600)",
            "secret, 0o644)",
            f"{_SIGNATURES}::test_the_private_key_is_its_owners_and_encrypted",
        ),
        # The mode and the switch
        (
            "an argument raises the mode",
            "toolkit/settings.py",
            "return self if allows(mode, self.mode) else",
            "return",
            f"{_MODES}::test_an_argument_lowers_the_mode_and_never_raises_it",
        ),
        (
            "a real workspace sends by default",
            "toolkit/settings.py",
            'return "draft" if key else "live"',
            'return "live"',
            f"{_MODES}::test_a_real_workspace_is_careful_unless_the_environment_says_otherwise",
        ),
        (
            "a switch that cannot be read is none",
            "toolkit/sending/kill_switch.py",
            "except FileNotFoundError:",
            "except OSError:",
            f"{_MODES}::test_a_switch_that_cannot_be_read_counts_as_halted",
        ),
        # Whom it stops
        (
            "plans forget that others' words were read",
            "mcp_server/tools/plan_tools.py",
            "read_others=connection(call).is_tainted",
            "read_others=False",
            f"{_STOPPED}::test_a_lying_host_does_not_get_rid_of_what_was_read_by_starting_the_server_again",
        ),
        (
            "a fresh process takes a form for what was planned before it",
            "mcp_server/guard/send_obstacles.py",
            "(connection(call).is_tainted or plan.read_others)",
            "connection(call).is_tainted",
            f"{_STOPPED}::test_a_lying_host_does_not_get_rid_of_what_was_read_by_starting_the_server_again",
        ),
        (
            "a form for what takes a signature",
            "mcp_server/guard/send_obstacles.py",
            "if wanted.signed or wanted.people > 1:",
            "if False:",
            f"{_STOPPED}::test_a_plan_above_the_limit_has_no_form_that_a_lying_host_could_fill_in",
        ),
        (
            "somebody is asked while sending is halted",
            "mcp_server/guard/consent.py",
            "ws.switch.check()",
            "pass",
            "tests/mcp/guard/test_operations.py::test_halted_sending_refuses_until_a_person_resumes",
        ),
        (
            "somebody is asked for what the mode does not send",
            "mcp_server/guard/send_obstacles.py",
            "if not allows(ws.mode, mode):",
            "if False:",
            "tests/mcp/guard/test_operations.py::test_nobody_is_asked_for_what_the_mode_does_not_send",
        ),
        (
            "events are sealed with nobody's key",
            "toolkit/ledger/chain.py",
            "hmac.new(key,",
            'hmac.new(b"seax",',
            f"{_STOPPED}::test_an_approval_written_into_the_file_without_the_key_sends_nothing",
        ),
        (
            "any ledger fits an anchor",
            "toolkit/ledger/audit.py",
            "if anchor and chain.seal_of(db, anchor.event) != anchor.seal:",
            "if False:",
            f"{_STOPPED}::test_a_ledger_written_again_with_the_key_shows_against_an_anchor_alone",
        ),
        (
            "sending is resumed by a program",
            "toolkit/cli/halt.py",
            'raise SettingsError("Sending stays halted: a person must type the word',
            'print("a person must type the word',
            f"{_STOPPED}::test_nothing_resumes_without_a_terminal",
        ),
        # What stays in
        (
            "a rule singles somebody out",
            "mcp_server/guard/disclosure_control.py",
            "if rule.column in _NAMING or (rule.column in _NUMBERS and not is_area):",
            "if False:",
            f"{_STOPPED}::test_no_rule_finds_out_a_number_digit_by_digit",
        ),
        (
            "a rule asks for more than an area code",
            "mcp_server/guard/disclosure_control.py",
            r'r"\+(?:1\d{0,3}|',
            r'r"\+(?:1\d{0,9}|',
            f"{_STOPPED}::test_no_rule_finds_out_a_number_digit_by_digit",
        ),
        (
            "a number is confirmed by its history",
            "mcp_server/tools/contact_tools.py",
            'if not here.options.pii:\n        raise ToolError(\n            "Contacts cannot',
            'if False:\n        raise ToolError(\n            "Contacts cannot',
            f"{_STOPPED}::test_no_history_confirms_a_number",
        ),
        (
            "a handful is counted",
            "mcp_server/guard/disclosure_control.py",
            "if 0 < exact < SMALL_COUNT:",
            "if False:",
            "tests/mcp/guard/test_disclosure_control.py::test_a_count_below_five_is_not_given_and_nobody_of_it_listed",
        ),
        (
            "two counts differ by a handful",
            "mcp_server/guard/disclosure_control.py",
            "near = (*_neighbours(meant.rule), EveryoneRule())",
            "near: tuple[Rule, ...] = ()",
            "tests/mcp/guard/test_disclosure_control.py::test_two_counts_do_not_differ_by_a_handful",
        ),
        (
            "a rule has no neighbours but everybody",
            "mcp_server/guard/disclosure_control.py",
            "near = (*_neighbours(meant.rule), EveryoneRule())",
            "near = (EveryoneRule(),)",
            "tests/mcp/guard/test_disclosure_control.py::test_two_counts_do_not_differ_by_a_handful",
        ),
        (
            "a sum gives the group away that is left out",
            "toolkit/data/groups.py",
            "gives_away = (hidden > 0) & ((hidden == 1) | (messages < least))",
            "gives_away = hidden < 0",
            "tests/data/test_groups.py::test_no_count_by_fewer_keys_gives_a_small_group_away",
        ),
        # Who may ask over HTTP
        (
            "any host is this one",
            "mcp_server/http.py",
            'if len(hosts) != 1 or _host(b"//" + hosts[0])[1] not in {host for _, host in self._hosts}:',
            "if False:",
            "tests/mcp/transports/test_http.py::test_foreign_hosts_and_pages_are_turned_away",
        ),
        (
            "any page may ask",
            "mcp_server/http.py",
            "return 403 if any(_host(origin) not in self._hosts for origin in origins) else None",
            "return None",
            "tests/mcp/transports/test_http.py::test_foreign_hosts_and_pages_are_turned_away",
        ),
        (
            "a host is what an address ends with",
            "mcp_server/http.py",
            'is_plain = parts.netloc.lower() == (named if port is None else f"{named}:{port}")',
            "is_plain = True",
            "tests/mcp/transports/test_http.py::test_foreign_hosts_and_pages_are_turned_away",
        ),
        # Two stages
        (
            "two stages that nobody rehearsed",
            "toolkit/sending/outbox.py",
            "        if self._is_rehearsed():\n            return lambda",
            "        if True:\n            return lambda",
            f"{_STAGES}::test_what_was_not_rehearsed_is_sent_in_one_request",
        ),
        (
            "what the service repeats is not compared",
            "toolkit/sending/posting.py",
            "            if differences:",
            "            if False:",
            "tests/published/stages/test_echo.py::test_an_echo_that_differs_refuses_and_leaves_no_campaign",
        ),
        (
            "a launch is not written down before it",
            "toolkit/sending/posting.py",
            'self._note("launching", step, draft_id)',
            "pass",
            f"{_STAGES}::test_what_the_ledger_cannot_write_down_is_not_launched",
        ),
        (
            "a draft is launched while sending is halted",
            "toolkit/sending/outbox.py",
            "return lambda draft_id: self._switch.check()",
            "return lambda draft_id: None",
            f"{_STAGES}::test_halting_between_the_stages_launches_nothing",
        ),
        (
            "a step that was settled is launched",
            "toolkit/ledger/staged.py",
            'if step_states(db, plan_id)[step - 1] != "sending":',
            "if False:",
            f"{_STAGES}::test_a_step_that_was_settled_meanwhile_is_not_launched",
        ),
        (
            "a draft that is still there is called gone",
            "toolkit/sending/posting.py",
            "and discard_draft(self._client, self._draft_id):",
            "or True:",
            f"{_STAGES}::test_a_draft_that_differs_and_cannot_be_deleted_is_not_called_unsent",
        ),
        (
            "a draft is launched and still one",
            "toolkit/sending/posting.py",
            "if launched.is_draft:",
            "if False:",
            f"{_STAGES}::test_a_launch_that_leaves_a_draft_is_unknown",
        ),
        (
            "a campaign that is sent otherwise is taken for it",
            "toolkit/sending/reconciling/lost_campaign.py",
            "if echo is None or not [*_repeated_otherwise(echo, lost)]:",
            "if True:",
            "tests/published/test_lost_answers.py::test_another_campaign_of_its_name_and_text_is_not_taken_for_it",
        ),
        (
            "a draft that has sent is called unsent",
            "toolkit/sending/reconciling/lost_campaign.py",
            "if log_of(witness.client, draft.id).num_rows:",
            "if False:",
            f"{_STAGES}::test_where_a_draft_sends_after_all_what_was_sent_is_not_called_unsent",
        ),
        (
            "a draft is deleted while it may be launched",
            "toolkit/sending/reconciling/lost_campaign.py",
            "    check_passed(lost, now)",
            "    pass",
            f"{_STAGES}::test_a_draft_that_may_still_be_launched_is_left_alone",
        ),
        (
            "anybody is texted in a rehearsal",
            "toolkit/sending/outbox.py",
            "if plan.id == self._rehearsing:",
            "if False:",
            f"{_REHEARSAL}::test_a_rehearsal_is_to_the_own_numbers_alone",
        ),
        (
            "mode test sends whatever was approved",
            "toolkit/sending/outbox.py",
            'is_test = plan.draft.kind == "test" or plan.id == self._rehearsing',
            "is_test = True",
            f"{_REHEARSAL}::test_in_mode_test_a_rehearsal_is_sent_and_nothing_else",
        ),
        (
            "a rehearsal goes on while sending is halted",
            "toolkit/sending/outbox.py",
            "self._switch.check()  # watching takes a minute",
            "pass",
            f"{_REHEARSAL}::test_halting_while_a_draft_is_watched_launches_nothing",
        ),
        (
            "a draft is not watched",
            "toolkit/groups/rehearsals.py",
            "if (texted := self._log(draft_id).num_rows) or",
            "if (texted := 0) or",
            f"{_REHEARSAL}::test_where_a_draft_sends_nobody_but_the_own_number_is_texted",
        ),
        (
            "what was disproved stays proven",
            "toolkit/groups/rehearsals.py",
            "if disproved or type(error) is SendRefused:",
            "if False:",
            f"{_REHEARSAL}::test_where_a_draft_sends_nobody_but_the_own_number_is_texted",
        ),
        (
            "a launch that sends nothing is a proof",
            "toolkit/groups/rehearsals.py",
            "if rows.num_rows != 1:",
            "if rows.num_rows > 1:",
            f"{_REHEARSAL}::test_where_launching_sends_nothing_two_stages_stay_off",
        ),
        # What is not known
        (
            "lost while on its way",
            "toolkit/sending/reconciling/lost_step.py",
            "if now < until:",
            "if False:",
            f"{_SETTLING}::test_a_plan_still_on_its_way_cannot_be_called_lost",
        ),
        (
            "one campaign settles two plans",
            "toolkit/sending/reconciling/reconcile.py",
            "if found in taken:",
            "if False:",
            f"{_SETTLING}::test_one_campaign_settles_one_plan",
        ),
        (
            "any campaign settles a plan",
            "toolkit/sending/reconciling/lost_campaign.py",
            "    if differences:\n        raise OutcomeUnknown(",
            "    if False:\n        raise OutcomeUnknown(",
            f"{_SETTLING}::test_a_campaign_with_another_name_or_text_does_not_settle_it",
        ),
        (
            "nothing frees what arrived",
            "toolkit/sending/reconciling/reconcile.py",
            'if found is None and update["state"] == "sent":',
            "if False:",
            f"{_RECONCILE}::test_nothing_is_not_taken_of_what_the_service_has",
        ),
        (
            "nothing without a person's word",
            "toolkit/sending/reconciling/reconcile.py",
            ".strip() != NOT_THERE:",
            ".strip() == 0:",
            f"{_RECONCILE}::test_on_a_live_workspace_a_person_types_that_nothing_is_there",
        ),
        (
            "nothing said by code on a live workspace",
            "toolkit/sending/reconciling/reconcile.py",
            "        if witness.live:",
            "        if False:",
            f"{_RECONCILE}::test_on_a_live_workspace_a_person_types_that_nothing_is_there",
        ),
        (
            "the service's slow clock hides a campaign",
            "toolkit/sending/reconciling/lost_step.py",
            "return self.service_left_at - _ROUNDED if self.service_left_at else self.left_at - IN_FLIGHT",
            "return self.left_at - IN_FLIGHT",
            f"{_RECONCILE}::test_a_campaign_the_embedded_service_made_on_a_slow_clock_is_found",
        ),
        (
            "a count that differs is not said when it is found",
            "toolkit/sending/reconciling/reconcile.py",
            "plan_id, compared(receipt), who=by",
            "plan_id, receipt, who=by",
            f"{_RECONCILE}::test_a_campaign_of_another_count_is_found_with_an_alarm",
        ),
        (
            "an id in a garbled answer is not asked for",
            "toolkit/sending/reconciling/lost_campaign.py",
            "if known_id := lost.draft_id or lost.known_id:",
            "if known_id := lost.draft_id:",
            f"{_RECONCILE}::test_an_id_in_an_answer_that_could_not_be_read_is_asked_for",
        ),
        (
            "an import is found without its contacts",
            "toolkit/sending/reconciling/reconcile.py",
            "if not arrived.are_all_there:",
            "if False:",
            f"{_RECONCILE}::test_an_import_that_did_not_arrive_is_not_found",
        ),
        (
            "another file is held against the contacts",
            "toolkit/planning/planner.py",
            "if plan.file is None or hashlib.sha256(content).hexdigest() != plan.file.sha256:",
            "if plan.file is None:",
            f"{_RECONCILE}::test_another_file_in_its_place_is_not_held_against_the_contacts",
        ),
        # What is said
        (
            "an error does not say what was sent",
            "toolkit/sending/sent_summary.py",
            "if not error.statement:",
            "if False:",
            f"{_SAID}::test_whatever_ends_a_send_midway_says_how_many_left_and_how_many_wait",
        ),
        (
            "what this process saw is forgotten",
            "toolkit/sending/sent_summary.py",
            "steps[step - 1] = state",
            "pass",
            f"{_SAID}::test_a_ledger_that_fails_after_the_post_makes_it_unknown_and_says_what_to_do",
        ),
        (
            "an unknown step counts as sent",
            "toolkit/sending/sent_summary.py",
            'for among in ({"sent"}, {"sending", "unknown"}, {"waiting"})',
            'for among in ({"sent", "sending", "unknown"}, set(), {"waiting"})',
            f"{_SAID}::test_an_unknown_step_is_neither_counted_as_sent_nor_as_waiting",
        ),
        (
            "a loser is told to reconcile at once",
            "toolkit/sending/sent_summary.py",
            "if now < left_at + IN_FLIGHT:",
            "if False:",
            f"{_SAID}::test_who_loses_a_race_waits_and_does_not_reconcile",
        ),
        (
            "an unthought-of error after the claim",
            "toolkit/sending/posting.py",
            "            if not isinstance(error, Exception):\n                raise",
            "            if not isinstance(error, ServiceError):\n                raise",
            f"{_SAID}::test_an_error_nobody_thought_of_after_the_claim_is_unknown",
        ),
        (
            "a step is claimed without its request",
            "toolkit/sending/outbox.py",
            "            if request is None:\n                raise PlanChanged(",
            "            if False:\n                raise PlanChanged(",
            f"{_SAID}::test_own_numbers_that_changed_between_two_steps_leave_no_step_on_its_way",
        ),
        (
            "an interruption loses the outcome",
            "toolkit/sending/posting.py",
            "self._ledger.settle(plan.id, receipt, who=who, via=self._via)  # worth more than a quick end",
            "pass",
            f"{_SAID}::test_an_interruption_while_the_outcome_is_written_does_not_lose_it",
        ),
        (
            "a claim lies in a log beside the file",
            "toolkit/ledger/store.py",
            "PRAGMA journal_mode = DELETE",
            "PRAGMA journal_mode = WAL",
            f"{_SAID}::test_a_copy_of_the_file_and_its_key_forgets_no_claim",
        ),
        (
            "an emptied ledger is a new one",
            "toolkit/ledger/store.py",
            "if not self.path.stat().st_size:",
            "if False:",
            f"{_SAID}::test_a_broken_ledger_says_what_happened_what_to_keep_and_how_to_repair_it",
        ),
        (
            "what was sent before is not checked",
            "toolkit/ledger/ledger.py",
            "            audit.check_whole(db)\n            if plan_id:",
            "            if plan_id:",
            f"{_SAID}::test_an_earlier_send_that_the_ledger_no_longer_tells_stops_the_next",
        ),
        (
            "a team's plan is approved by nobody",
            "toolkit/ledger/team/postgres_schema.py",
            "NEW.state IN ('approved', 'sending') AND NOT EXISTS ",
            "false AND NOT EXISTS ",
            f"{_TEAM}::test_the_database_refuses_who_plans_and_sends",
        ),
        (
            "who sends records that it was approved",
            "toolkit/ledger/team/postgres_schema.py",
            "event NOT IN ('planned', 'approved', 'resumed')",
            "event NOT IN ('planned', 'resumed')",
            f"{_TEAM}::test_who_sends_may_not_say_that_it_was_approved",
        ),
        (
            "a restored ledger is not noticed",
            "toolkit/ledger/team/send_journal.py",
            "if gone := self.forgotten(db):",
            "if False:",
            f"{_JOURNAL}::test_a_ledger_restored_from_before_a_claim_is_noticed_and_sends_nothing",
        ),
        (
            "what a home knew of one claim settles another",
            "toolkit/ledger/ledger.py",
            "in expected and (claim is None or is_last_claim(db, claim))",
            "in expected",
            f"{_JOURNAL}::test_a_rejection_that_was_kept_frees_its_own_claim_alone",
        ),
        (
            "what a restored ledger has forgotten is not claimed again",
            "toolkit/ledger/team/recovery.py",
            'return Recovered(claim=claim, outcome="closed")\n    db.execute(',
            'return Recovered(claim=claim, outcome="closed")\n    (lambda *_: None)(',
            f"{_JOURNAL}::test_what_a_restored_ledger_has_forgotten_is_claimed_again_and_never_sent_twice",
        ),
        (
            "a form is shown whose answer the team's ledger does not take",
            "mcp_server/guard/send_obstacles.py",
            "if (access := ws.ledger.access()) and not access.approves:",
            "if False:",
            "tests/mcp/test_team.py::test_an_assistant_s_server_cannot_approve_and_asks_nobody_in_vain",
        ),
        (
            "the receipt of an earlier try",
            "toolkit/ledger/step_rows.py",
            "AND state <> 'sending' ORDER BY",
            "ORDER BY",
            f"{_SAID}::test_a_step_on_its_way_is_not_told_by_the_receipt_of_an_earlier_try",
        ),
        (
            "scheduled is called sent",
            "toolkit/plans/receipt.py",
            '"scheduled" if status == "sent" and starts else status',
            "status",
            f"{_SAID}::test_the_receipt_of_a_scheduled_campaign_says_scheduled_and_when",
        ),
        (
            "what the service holds is not named",
            "toolkit/sending/scheduled.py",
            "each.start_at > now and not each.canceled_at",
            "each.start_at < now and not each.canceled_at",
            f"{_SAID}::test_what_the_service_holds_is_named_until_it_starts",
        ),
        (
            "a model is told less than happened",
            "mcp_server/guard/error_text.py",
            'return f"{_why(error)} {error.statement}".strip()',
            "return _why(error)",
            "tests/mcp/tools/test_outcomes.py::test_a_send_that_ends_midway_says_how_many_steps_were_handed_over",
        ),
        (
            "halting comforts falsely",
            "mcp_server/tools/send_tools.py",
            "held = held_in_words(ws)",
            'held = ""',
            "tests/mcp/tools/test_outcomes.py::test_halting_and_withdrawing_name_what_goes_out_all_the_same",
        ),
    )
)


@contextmanager
def scratch() -> Iterator[Path]:
    """A copy of the source and its tests that may be broken."""
    with tempfile.TemporaryDirectory() as folder:
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
                )
            else:
                shutil.copy(source, Path(folder) / name)
        yield Path(folder)


def of(dialect: DialectName) -> list[Mutation]:
    """Those whose tests are of a dialect: not of the published one are tests that write the guide's replies by hand."""
    return [each for each in MUTATIONS if dialect == "guide" or each.test not in GUIDES]


def is_noticed(copy: Path, mutation: Mutation, dialect: DialectName = "guide") -> bool:
    """Break the copy, run the test that should notice, and mend the copy."""
    path = copy / mutation.file
    whole = path.read_text(encoding="utf-8")
    assert whole.count(mutation.old) == 1, f"{mutation.name}: {mutation.old!r} stands {whole.count(mutation.old)} times"
    path.write_text(whole.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        return not passes(copy, mutation.test, dialect=dialect)
    finally:
        path.write_text(whole, encoding="utf-8")


def passes(copy: Path, *tests: str, dialect: DialectName = "guide") -> bool:
    """The tests pass in the copy; AssertionError if they could not be run at all."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--dialect", dialect, *tests]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode in {0, 1}, done.stdout + done.stderr
    return done.returncode == 0


def main(names: list[str], dialect: DialectName = "guide") -> int:
    chosen = [each for each in of(dialect) if not names or each.name in names]
    with scratch() as copy:
        assert passes(copy, *sorted({each.test for each in chosen}), dialect=dialect), (
            "the tests fail before anything is broken"
        )
        survived = []
        for each in chosen:
            noticed = is_noticed(copy, each, dialect)
            sys.stdout.write(f"{'noticed ' if noticed else 'SURVIVED'} {each.name}\n")
            sys.stdout.flush()
            survived += [] if noticed else [each.name]
    sys.stdout.write(
        f"{dialect}: {len(chosen)} mutations, {len(survived)} survived{': ' * bool(survived)}{', '.join(survived)}\n"
    )
    return 1 if survived else 0


if __name__ == "__main__":
    spoken = next((each for each in DIALECTS if each in sys.argv[1:2]), None)
    sys.exit(main(sys.argv[2 if spoken else 1 :], spoken or "guide"))
