# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Would they have bought anyway?
#
# The shop's dashboard says that people who got our text bought for thousands of dollars in the days after. Most of
# them would have bought without it. What the texts brought is the difference to people who got nothing and were drawn
# by the same dice: the holdout. This notebook sends two texts, keeps a part of the audience back, and reads the shop's
# orders.

# %% tags=["parameters"]
APPROVED_BY = "Ana"
HOLDOUT = 0.3  # of the audience gets nothing; large, because the embedded workspace is small

# %%
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd
import polars as pl

import toolkit
from toolkit import plots
from toolkit.experiments.metric import FAILURES, OPT_OUTS, Metric
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.split import Experiment
from toolkit.sandbox.world.shop import shop_orders
from toolkit.settings import Settings
from toolkit.workspace import open_sandbox

# A workspace of its own, because its clock will run ahead.
settings = Settings(home=Path(tempfile.mkdtemp()), dialect=os.environ.get("SEAX_DIALECT"))
box = open_sandbox(settings)
ws = toolkit.connect(settings, sandbox=box)

# %% [markdown]
# ## What is measured
#
# Dollars for each person assigned, in three days; a person without an order counts as 0. Amounts vary much more
# between people than a text changes them. Most of that was there before the text, so `before` compares people with
# what they spent in the six weeks before the send (CUPED). A gain of three dollars would be worth it; a test of this
# size can only be relied on to show four, so that is what `detectable` says. `segments` are registered, too: looked
# for afterwards, one of twenty always shows something.

# %%
rule = Registration(
    question="What does a text bring, and which of the two brings more?",
    metric=Metric(name="dollars", kind="mean", value="amount", order="order"),
    control="reminder",
    least_lift=3.0,
    detectable=4.0,
    baseline=8.0,
    spread=30.0,
    before=timedelta(days=42),
    guardrails=(Guardrail(metric=OPT_OUTS, margin=0.02), Guardrail(metric=FAILURES, margin=0.03)),
    segments=("field.customer_tier",),
)
draft = toolkit.CampaignDraft(
    name="Spring basket",
    message="Your spring basket is waiting. Reply STOP to opt out.",
    segment=toolkit.Segment.any_of("vip_customers", "newsletter", "product_enthusiasts", "tier_silver", "source_web"),
    senders=["Marketing Line"],
    experiment=Experiment(
        name="spring basket",
        arms={"reminder": 0.5, "offer": 0.5},
        holdout=HOLDOUT,
        wait=timedelta(days=3),
        registration=rule,
    ),
    messages={"offer": "Your spring basket is waiting, 10% off until Sunday. Reply STOP to opt out."},
)
plan = ws.plan(draft)
{arm: len(people) for arm, people in plan.assigned.items()}

# %% [markdown]
# A holdout for all campaigns together is one line in `policy.toml` (`holdout = 0.05`): it becomes a step of every
# plan's waterfall, for the assistant's plans, too.

# %%
receipt = ws.send(plan.approve(recipients=plan.recipients, by=APPROVED_BY))
sent_at = ws.service_time()
box.clock.advance(timedelta(days=3, hours=1))

# %% [markdown]
# ## The orders
#
# Any frame with a contact id or a phone number, a time with its zone and an amount will do. These are made up: a
# reminder brings five orders of a hundred people, the offer twelve, and nobody held out buys because of us. All three
# groups buy by themselves as well.

# %%
gains = {"reminder": 0.05, "offer": 0.12}
shop = pd.DataFrame(shop_orders(plan.assigned, sent_at=sent_at, gains=gains))
orders = shop[shop["time"] <= ws.service_time()]
orders.tail(3)

# %% [markdown]
# ## The answer of a dashboard
#
# Last-touch attribution counts every order of somebody who was texted:

# %%
texted = [*plan.assigned["reminder"], *plan.assigned["offer"]]
after = orders[(orders["time"] >= sent_at) & (orders["time"] < sent_at + timedelta(days=3))]
attributed = after[after["contact_id"].isin(texted)].drop_duplicates("order")["amount"].sum()
f"{attributed:,.0f} dollars “from texts”"

# %% [markdown]
# ## The answer of the holdout

# %%
result = ws.experiments.read_out(plan.id, orders)
lift = result.lift
brought, least, most = (len(texted) * each for each in (lift.difference, lift.low, lift.high))
f"{brought:,.0f} dollars because of texts, {least:,.0f} to {most:,.0f}: {brought / attributed:.0%} of the dashboard's"

# %% [markdown]
# This is why the toolkit does not offer last-touch attribution. The interval is wide, because a lift is a small
# difference between large numbers; a holdout of a whole list narrows it from campaign to campaign.
#
# ## The two texts, all texted, and the tiers

# %%
plots.effects(result)

# %% [markdown]
# Rows of segments are adjusted for their number, and the sentence below says first whether they differ at all.
# *Expect* is what to expect of a tier next time: its own difference, drawn towards that of all by as much as chance
# explains.

# %%
result

# %%
plots.guardrails(result)

# %% [markdown]
# Returns count against what the person had ordered, and an order that is in the export twice counts once, because the
# metric names the column with its id. The notes report it:

# %%
list(result.notes)

# %% [markdown]
# ## How much the weeks before help
#
# The same experiment without `before` has wider intervals. To get as narrow without it would take more people: width
# falls with the square root of their number.

# %%
narrowed = result.effects[0].narrowed
f"{narrowed:.0%} narrower, as if there were {1 / (1 - narrowed) ** 2 - 1:.0%} more people"

# %% [markdown]
# ## Other frames, other libraries
#
# Pass Polars, DuckDB or Spark frames as they are; on Spark nothing but sums is collected. The numbers are the same:

# %%
same = ws.experiments.read_out(plan.id, pl.DataFrame(orders))
[round(one.difference - other.difference, 9) for one, other in zip(result.effects, same.effects, strict=True)]

# %% [markdown]
# For everything that this page does not offer, such as another test or a model of who responds, here is one row a
# person, ready for any statistics library:

# %%
people = pd.concat(pd.DataFrame({"contact_id": ids, "arm": arm}) for arm, ids in plan.assigned.items())
spent = after.drop_duplicates("order").groupby("contact_id")["amount"].sum()
people = people.join(spent, on="contact_id").fillna({"amount": 0.0})
people.groupby("arm")["amount"].describe().round(2)
