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
# # An experiment, from question to decision
#
# Does a friendlier opening sell more? Send half of an audience the text with it, the other half the text without, and
# compare. Tests like this are distrusted with reason: they are too small, somebody looks every day and stops at the
# first good one, or the measure is chosen once the numbers are in. So here the question, the measure and the rule are
# written into the draft, and approved with the texts. What follows is arithmetic.

# %% tags=["parameters"]
APPROVED_BY = "Ana"
LEAST_LIFT = 0.03  # the gain that would be worth it: 3 points more buyers

# %%
import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pandas as pd

import toolkit
from toolkit import plots
from toolkit.experiments.metric import OPT_OUTS, Metric
from toolkit.experiments.read_out import ArmResult, read_out
from toolkit.experiments.registration import Guardrail, Registration
from toolkit.experiments.significance import counts_differ
from toolkit.experiments.split import Experiment
from toolkit.sandbox.world.planted import TRUTHS
from toolkit.sandbox.world.shop import shop_orders
from toolkit.settings import Settings
from toolkit.workspace import open_sandbox

# A workspace of its own, because its clock will run ahead.
settings = Settings(home=Path(tempfile.mkdtemp()), dialect=os.environ.get("SEAX_DIALECT"))
box = open_sandbox(settings)
ws = toolkit.connect(settings, sandbox=box)

# %% [markdown]
# ## Before: write down how it will be judged
#
# The metric is the share of people with an order, in three days, of everybody assigned to an arm. It takes no click
# and no cookie: the orders come from our shop and name people by contact id. Opt-outs are a guardrail: however well
# the text sells, it must not cost more than two points of the list.

# %%
rule = Registration(
    question="Does a friendly opening sell more?",
    metric=Metric(name="an order", order="order"),
    control="plain",
    least_lift=LEAST_LIFT,
    baseline=0.08,
    guardrails=(Guardrail(metric=OPT_OUTS, margin=0.02),),
)
experiment = Experiment(
    name="friendly opening",
    arms={"plain": 0.5, "friendly": 0.5},
    wait=timedelta(days=3),
    registration=rule,
)
offer = "15% off today at our shops. Reply STOP to opt out."
draft = toolkit.CampaignDraft(
    name="Opening",
    message=offer,
    segment=toolkit.Segment.any_of("vip_customers"),
    senders=["Marketing Line"],
    experiment=experiment,
    messages={"friendly": f"You have earned it: {offer}"},
)

# %% [markdown]
# Planning says whether this can work. With our VIP customers alone it cannot: a test that would miss the gain it looks
# for more often than agreed is blocked, until somebody gives a reason or more people.

# %%
small = ws.plan(draft)
[f"{found.message} {found.fix}" for found in small.findings if found.code == "EXP001"]

# %% [markdown]
# So more people take part. The plan is what a person approves, and it now holds the question and the rule, too.

# %%
more = toolkit.Segment.any_of("vip_customers", "newsletter", "product_enthusiasts", "tier_silver", "source_web")
plan = ws.plan(draft.model_copy(update={"segment": more}))
plan

# %% [markdown]
# Who is in which arm follows from a hash of the experiment's name and the contact's id: anybody can check it, it is
# the same tomorrow, and it knows nothing of past behaviour. People who share a number are in one arm.

# %%
receipt = ws.send(plan.approve(recipients=plan.recipients, by=APPROVED_BY))
receipt

# %% [markdown]
# ## Too early
#
# A day passes, which takes the embedded workspace a moment. The orders are made up, as are the people, and the
# friendly text was given a true effect, to compare with in the end. Nothing is compared yet, whoever asks: looking
# every day and stopping at the first good one finds gains where there are none.

# %%
sent_at = ws.service_time()
gains = {"plain": 0.02, "friendly": 0.09}  # orders a person on top, on average
shop = pd.DataFrame(shop_orders(plan.assigned, sent_at=sent_at, gains=gains))
shop.head(3)

# %%
box.clock.advance(timedelta(days=1))
print(ws.experiments.read_out(plan.id, shop[shop["time"] <= ws.service_time()]))

# %% [markdown]
# ## Three days after the send

# %%
box.clock.advance(timedelta(days=2, hours=1))
orders = shop[shop["time"] <= ws.service_time()]
result = ws.experiments.read_out(plan.id, orders)
plots.effects(result)

# %% [markdown]
# The dashed line is the gain that was called worth it. The verdict is the one of three that the registered rule gives:
# **ship** if the whole interval is on the better side of 0, the measured gain is at least the dashed line and no
# guardrail gives way; **stop** if a guardrail gives way or the whole interval lies below the line; else **extend**,
# with the number of people that it takes.

# %%
plots.guardrails(result)

# %%
result

# %% [markdown]
# ## The memo
#
# What goes to whoever decides is one page, with the registration, the texts, who was in it and who was not, the
# result, and digests by which anybody can rebuild it, byte for byte. `seax memo` in a terminal writes the same page.

# %%
page = ws.experiments.memo(plan.id, orders).save(settings.home / "memo.html")
f"{page.name}, {page.stat().st_size / 1000:.0f} kB"

# %% [markdown]
# Could we now pick a measure on which the result looks better? Under the same name, no:

# %%
rewritten = rule.model_copy(update={"metric": Metric(name="a click", source="clicks")})
again = draft.model_copy(
    update={"name": "Opening II", "experiment": experiment.model_copy(update={"registration": rewritten})}
)
[f"{found.severity}: {found.message}" for found in ws.plan(again).findings if found.code == "EXP004"]

# %% [markdown]
# ## Traps, in experiments of the past
#
# The embedded workspace has sent three experiments without registration, and counts clicks for a campaign as a whole.
# *Welcome wording B* has one exclamation mark more than *A*. If you compare often enough, some such pair will look
# different; that is what the interval guards against.

# %%
campaigns = {campaign.name: campaign for campaign in ws.campaigns()}
now = ws.service_time()


def arms_of(name):
    """The arms of a past experiment; everybody who was assigned counts, reached or not."""
    counts = {arm: campaigns[f"{name} {arm}"].statistics for arm in "AB"}
    return [
        ArmResult(arm=f"{name} {arm}", assigned=x.total, sent=x.sent, delivered=x.delivered, successes=x.clicked)
        for arm, x in counts.items()
    ]


plots.forest(read_out(arms_of("Welcome wording"), fixed_time=now, now=now))

# %% [markdown]
# Not shown. That does not mean it has no effect; it means that this many people cannot show one.
#
# *Weekend deal A* and *B* were to get half of their audience each, and somebody lost a tenth of B on the way. How
# likely is a difference like this by chance?

# %%
sizes = [arm.sent for arm in arms_of("Weekend deal")]
print(sizes, f"p = {counts_differ(sizes, [0.5, 0.5]):.3f}")

# %% [markdown]
# Less than once in fifty times: suspicious. A read-out refuses to compare arms below one in a thousand, because it is
# used so often that a laxer threshold would give false alarms.
#
# ## And the true effects?
#
# We gave the friendly text 7 more orders of a hundred people than the plain one; some people would have bought twice,
# so there are a little fewer buyers than orders. Of the past experiments the makers of the workspace say:

# %%
for truth, planted in TRUTHS:
    if truth.startswith(("A wording that does", "A split")):
        print(f"{truth}. {planted}\n")
