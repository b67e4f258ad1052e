"""Every way in which a sale goes wrong, by name, with the tests that show what becomes of the value."""

import ast
from pathlib import Path
from typing import Final

import pytest

_TESTS: Final = Path(__file__).parent

# Situation -> tests, each as file::test below tests/. What a row is about is said by the tests' own names.
COVERED: Final[dict[str, tuple[str, ...]]] = {
    "abandoned cart": (
        "services/test_orders.py::test_a_code_that_nobody_used_expires_and_its_value_is_free_again",
        "services/test_orders.py::test_a_removed_redemption_is_free_after_its_grace",
        "services/test_early.py::test_expired_it_is_returned",
    ),
    "code leaked or shared": (
        "services/test_orders.py::test_a_code_used_by_another_customer_is_spent_against_its_holder_and_reviewed",
        "services/test_orders.py::test_another_customers_second_use_is_reviewed_and_the_holders_own_sale_is_left_alone",
        "web/test_redemption_rules.py::test_the_discount_has_exactly_the_properties_that_keep_the_value_safe",
        "web/test_operations.py::test_a_whole_story_leaves_no_secret_in_the_log",
    ),
    "two checkouts at once": (
        "services/test_ways_of_shops.py::test_two_checkouts_completed_at_once_never_spend_more_than_there_is",
        "services/test_orders.py::test_a_second_order_with_the_code_is_captured_too_while_the_balance_lasts",
        "stores/test_captures.py::test_of_many_orders_that_race_for_a_redemption_one_captures_it",
    ),
    "same member on two devices": (
        "web/test_redemption_rules.py::test_another_cart_is_told_where_the_value_is_and_until_when",
        "web/test_redemption_rules.py::test_another_cart_may_take_over",
        "web/test_redemption_rules.py::test_carts_that_race_for_one_balance_make_one_redemption",
    ),
    "checkout with another login": (
        "services/test_ways_of_shops.py::test_another_login_cannot_use_the_code_and_its_value_comes_back",
    ),
    "guest": (
        "web/test_callers.py::test_a_guest_is_asked_to_sign_in",
        "web/test_storefront.py::test_a_visitor_gets_an_anonymous_token_that_opens_nothing",
        "services/test_orders.py::test_a_guests_order_is_a_transaction_of_nobody",
    ),
    "no Omneo profile": (
        "web/test_redemption_rules.py::test_a_customer_whom_omneo_does_not_know_yet_may_try_again",
        "web/test_reads.py::test_a_customer_whom_omneo_does_not_know_is_pending_everywhere",
        "services/test_orders.py::test_a_sale_waits_for_a_customer_who_is_on_the_way_to_omneo",
    ),
    "wallet buttons": (),
    "cart falls below the reward": (
        "services/test_orders.py::test_a_discount_that_takes_less_off_captures_less_and_frees_the_rest",
        "services/test_ways_of_shops.py::test_a_cart_that_falls_below_the_minimum_loses_its_code_and_keeps_its_value",
        "services/test_early.py::test_what_the_order_did_not_use_is_given_back",
    ),
    "payment pending, then voided": (
        "services/test_orders.py::test_a_pending_order_captures_at_once_and_records_when_paid",
        "services/test_orders.py::test_an_order_cancelled_before_anyone_knew_of_it_spends_nothing",
        "services/test_give_back.py::test_a_cancelled_order_is_reversed_and_leaves_everything_as_it_was",
    ),
    "order cancelled": (
        "services/test_give_back.py::test_a_cancelled_order_is_reversed_and_leaves_everything_as_it_was",
        "services/test_give_back.py::test_after_the_reversal_window_the_whole_is_returned",
        "services/test_give_back.py::test_an_order_cancelled_while_its_redeem_is_unknown_is_found_and_then_undone",
    ),
    "partial refund": (
        "services/test_give_back.py::test_a_partial_refund_returns_its_lines_share_and_is_never_a_reversal",
        "services/test_give_back.py::test_repeated_refund_webhooks_return_once",
        "services/test_give_back.py::test_a_partial_refund_gives_nothing_where_the_policy_says_so",
    ),
    "order edited": (
        "services/test_staff.py::test_an_order_edited_to_less_gives_the_share_back",
        "services/test_staff.py::test_an_order_edited_to_more_spends_nothing_more",
    ),
    "custom discount at the till": (
        "services/test_staff.py::test_a_custom_discount_in_place_of_the_code_spends_nothing",
        "services/test_staff.py::test_a_custom_discount_beside_the_code_leaves_the_codes_own_part",
    ),
    "webhook lost, late, twice or out of order": (
        "services/test_sweep.py::test_a_lost_create_is_found_and_captured",
        "services/test_sweep.py::test_a_lost_paid_is_found_and_recorded",
        "services/test_sweep.py::test_a_lost_refund_is_found_and_its_share_comes_back",
        "services/test_orders.py::test_an_order_whose_webhooks_are_lost_is_found_by_the_release",
        "services/test_orders.py::test_repeated_and_reordered_webhooks_change_nothing",
        "web/test_webhooks.py::test_webhooks_of_an_order_arriving_twice_late_and_reversed_capture_once",
    ),
    "time-out after create": (
        "failure/test_unknown_outcomes.py::test_a_discount_whose_answer_is_lost_is_the_one_that_was_committed",
        "failure/test_unknown_outcomes.py::test_a_discount_that_landed_after_all_is_found_and_taken_back",
        "web/test_idempotency.py::test_after_an_unknown_outcome_the_key_resumes_the_same_redemption",
    ),
    "time-out on deactivate or delete": (
        "failure/test_unknown_outcomes.py::test_a_release_whose_answers_are_lost_still_ends",
        "upstreams/test_upstreams_shopify.py::test_what_is_gone_is_deactivated_and_deleted_already",
    ),
    "Omneo down at the hold": (
        "web/test_reads.py::test_no_hold_is_granted_from_a_stale_balance",
        "web/test_idempotency.py::test_a_busy_upstream_before_the_hold_frees_the_key",
    ),
    "Omneo down at the record": (
        "failure/test_unknown_outcomes.py::test_omneo_down_for_hours_delays_the_capture_and_loses_nothing",
        "failure/test_unknown_outcomes.py::test_a_transaction_that_fails_in_any_way_is_written_once",
    ),
    "balance spent elsewhere meanwhile": (
        "failure/test_unknown_outcomes.py::test_a_balance_that_fell_under_the_hold_is_redeemed_as_far_as_it_goes",
        "failure/test_unknown_outcomes.py::test_a_balance_that_is_gone_puts_the_whole_before_a_person",
        "services/test_early.py::test_a_till_that_was_faster_refuses_it_and_nothing_stays",
    ),
    "customer merge": (
        "services/test_merged_customers.py::test_an_order_after_the_merge_is_the_holders_own",
        "services/test_merged_customers.py::test_a_refund_after_the_merge_gives_the_share_back_without_a_person",
        "services/test_merged_customers.py::test_who_was_kept_takes_back_what_the_other_had_applied",
        "services/test_merged_customers.py::test_a_merge_that_nobody_told_of_is_spent_once_and_put_before_a_person",
        "races/test_through_the_front_door.py::test_a_merged_profile_redeems_at_once",
    ),
    "staff delete or edit the code": (
        "services/test_staff.py::test_a_code_that_staff_deleted_is_released_when_its_time_is_over",
        "services/test_staff.py::test_a_code_that_staff_deleted_can_be_replaced_at_once",
        "services/test_staff.py::test_a_code_that_staff_deleted_after_the_order_is_captured_all_the_same",
        "services/test_staff.py::test_a_code_that_staff_made_smaller_captures_what_it_took_off",
        "services/test_staff.py::test_a_code_that_staff_prolonged_ends_with_its_hold",
        "services/test_surplus.py::test_a_code_that_staff_made_bigger_takes_no_more_than_was_held_and_says_so",
    ),
    "several currencies": (
        "services/test_ways_of_shops.py::test_a_buyer_who_pays_in_another_currency_spends_the_shops",
        "web/test_redemption_rules.py::test_another_currency_is_refused",
        "upstreams/test_upstreams_omneo_bytes.py::test_a_converted_balance_matches_no_shop",
    ),
    "taxes included or added": (
        "services/test_ways_of_shops.py::test_what_is_captured_is_what_was_taken_off_before_taxes_are_looked_at",
    ),
    "subscriptions": ("services/test_ways_of_shops.py::test_a_code_does_not_recur_with_a_subscription",),
    "test orders": (
        "services/test_ways_of_shops.py::test_a_test_order_spends_nothing_and_its_hold_ends",
        "services/test_ways_of_shops.py::test_a_test_order_of_a_test_shop_is_settled_like_any_other",
        "services/test_sweep.py::test_a_test_order_is_not_wished_for",
    ),
    "app uninstalled and installed again": (),
    "secret rotation": (
        "web/test_webhooks.py::test_while_secrets_rotate_both_are_accepted_and_no_third",
        "auth/test_session_tokens.py::test_both_secrets_pass_during_a_rotation_and_no_other",
        "auth/test_app_proxy_signature.py::test_both_secrets_pass_during_a_rotation_and_no_other",
        "auth/test_transient_tokens.py::test_a_new_key_mints_and_the_one_before_still_verifies_until_it_is_taken_out",
    ),
    "shop below Plus": (),
}

# What nothing of this service can show yet, and where it will be shown.
LATER: Final = {
    "wallet buttons": "the extensions apply before the buttons are there",
    "app uninstalled and installed again": "with privacy: what is kept of a shop and of a customer who leave",
    "shop below Plus": "the theme block, which is the way to redeem there",
}


@pytest.mark.parametrize("situation", COVERED)
def test_each_failure_mode_is_covered_by_tests_that_exist(situation: str) -> None:
    named = COVERED[situation]
    assert bool(named) != (situation in LATER), "a situation has tests, or a reason for which it has none yet"
    assert len(named) == len(set(named))
    for node in named:
        path, _, test = node.partition("::")
        assert test in _tests_in(_TESTS / path), node


def test_no_failure_mode_was_dropped() -> None:
    assert len(COVERED) == 29
    assert set(LATER) <= set(COVERED)


def _tests_in(path: Path) -> set[str]:
    """Name the tests that a run of this file runs: none that is left out by a mark."""
    functions = [
        node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    left_out = {
        f.name
        for f in functions
        for mark in f.decorator_list
        if "skip" in (said := ast.unparse(mark)) or "xfail" in said
    }
    return {f.name for f in functions if f.name.startswith("test_")} - left_out
