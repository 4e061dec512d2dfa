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
# # An experiment, from split to read-out
#
# Does a friendlier opening bring more clicks? Send one half of an audience the text with it, the other half the text
# without, and compare. Three things often go wrong: the halves are not comparable, the list is too short to
# show anything, and people stop early when they like what they see. This notebook splits an audience, states beforehand
# what it can show, and reads out three past experiments of the embedded workspace, whose true effects we know.

# %% tags=["parameters"]
BASE_RATE = 0.08  # the click rate we expect of the plain text

# %%
from datetime import timedelta

import toolkit
from toolkit import plots
from toolkit.experiments.read_out import ArmResult, read_out
from toolkit.experiments.significance import counts_differ
from toolkit.experiments.split import Experiment
from toolkit.sandbox.world.planted import TRUTHS

ws = toolkit.connect()

# %% [markdown]
# ## Before: split, and state what it can show
#
# Arms are drawn by a hash of the experiment's name and the contact's id: anybody can check the draw, it is the
# same tomorrow, and it is unrelated to past behaviour. One in ten is held out from every message,
# to see later what texting achieves at all. The waiting time before comparing is fixed here, too.

# %%
audience = ws.audience(toolkit.Segment.any_of("newsletter"))
experiment = Experiment(
    name="friendly opening", arms={"plain": 0.5, "friendly": 0.5}, holdout=0.1, wait=timedelta(hours=48)
)
split = experiment.split(audience)
print(split)

# %% [markdown]
# Before anything is sent, ask what this many people can show. Most lists are too short to detect differences as small
# as a wording makes; better to know now.

# %%
print(split.promise(BASE_RATE))

# %% [markdown]
# The arms are steps of one plan, each with exactly its people and its own text: approved once; if it stops between two
# of them, it can continue there. An arm whose text is `None` gets nothing.

# %%
offer = "15% off today at our shops. Reply STOP to opt out."
draft = toolkit.CampaignDraft(
    name="Opening",
    message=offer,
    segment=toolkit.Segment.any_of("newsletter"),
    senders=["Marketing Line"],
    experiment=experiment,
    messages={"friendly": f"You have earned it: {offer}"},
)
plan = ws.plan(draft)
{step.arm: step.recipients for step in plan.steps}

# %% [markdown]
# You would approve and send the plan, wait two days, and read out with `split.read_out(logs, clicks, now=…)`. Nothing
# is sent here, because we need not wait: the embedded workspace has three past experiments.
#
# ## After: a wording that works
#
# *Autumn offer A* and *B* went to two halves of one audience; B greeted people by their names. Clicks are counted by
# the service for each campaign, so they are counted for each arm.

# %%
campaigns = {campaign.name: campaign for campaign in ws.campaigns()}
logs = ws.logs([campaign.id for campaign in campaigns.values()])
now = logs["sent_time"].max().to_pydatetime() + timedelta(days=3)


def arms_of(name):
    """The arms of a past experiment; everybody who was assigned counts, reached or not."""
    counts = {arm: campaigns[f"{name} {arm}"].statistics for arm in "AB"}
    return [
        ArmResult(arm=f"{name} {arm}", assigned=x.total, sent=x.sent, delivered=x.delivered, successes=x.clicked)
        for arm, x in counts.items()
    ]


autumn = read_out(arms_of("Autumn offer"), fixed_time=now, now=now)
plots.forest(autumn)

# %% [markdown]
# The whole interval of the difference is above 0: greeting by name did bring clicks. How many more is known only
# roughly, and the interval shows how roughly.

# %%
autumn

# %% [markdown]
# ## A wording that does nothing
#
# *Welcome wording B* has one exclamation mark more than *A*. If you compare often enough, some such pair will look
# different; that is what the interval and the p-value guard against.

# %%
plots.forest(read_out(arms_of("Welcome wording"), fixed_time=now, now=now))

# %% [markdown]
# Not shown. That does not mean it has no effect; it means that this many people cannot show one.
#
# ## A split that went wrong
#
# *Weekend deal A* and *B* were to get half of their audience each, and somebody lost a tenth of B on the way. How
# likely is a difference like this by chance?

# %%
sizes = [arm.sent for arm in arms_of("Weekend deal")]
print(sizes, f"p = {counts_differ(sizes, [0.5, 0.5]):.3f}")

# %% [markdown]
# Less than once in fifty times: suspicious, and worth investigating. The read-out itself refuses to compare only below
# one in a thousand, because it is used so often that a laxer threshold would give false alarms. Had four times as many
# people been assigned and the same share been lost, it would refuse:

# %%
half = 4 * max(sizes)  # in each arm, as planned
bigger = [
    ArmResult(arm=x.arm, assigned=half, sent=4 * x.sent, delivered=4 * x.delivered, successes=4 * x.successes)
    for x in arms_of("Weekend deal")
]
read_out(bigger, fixed_time=now, now=now)

# %% [markdown]
# ## Looking early
#
# Looking every day and stopping at the first good day finds winners where there are none. Before the fixed time,
# rates are shown and nothing is compared.

# %%
read_out(arms_of("Autumn offer"), fixed_time=now, now=now - timedelta(days=2))

# %% [markdown]
# ## And the true effects?
#
# In an invented workspace they are known. It was built with these effects, so that tools like this one can be checked
# against them.

# %%
for truth, planted in TRUTHS:
    if truth.startswith(("A wording", "A split")):
        print(f"{truth}. {planted}\n")
