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
# # Building and sending a campaign
#
# *From contacts to a measured campaign* sends one in a dozen cells. This notebook takes its time over the part in the
# middle: what a plan checks, what stops it, what a yes is bound to, and how you know afterwards that it went to exactly
# the people you saw. The embedded workspace has nobody real in it; everything here works the same on yours, except that
# there a person approves by clicking.

# %% tags=["parameters"]
APPROVED_BY = "ana"
REPORT_SECONDS = 8  # how long to wait for delivery reports

# %%
import time

import toolkit
from toolkit.texting.parts import count_parts
from toolkit.widgets import CampaignBuilder, CampaignMonitor

ws = toolkit.connect()
ws.phones()[["name", "phone", "country", "sms", "mms", "enabled"]]

# %% [markdown]
# ## The text
#
# Carriers count parts, and one odd character can double them. See what a text costs before you fall in love with it.

# %%
for text in ("Shoe week: 20% off until Sunday. Reply STOP to opt out.", "Shoe week: 20% off until Sunday 🌸 " * 3):
    print(count_parts(text))

# %% [markdown]
# ## A plan that is stopped
#
# A draft says what you want; the plan says what would happen. This one forgets to tell people how to opt out, hides its
# link behind a public shortener, and has a placeholder that nobody would fill.

# %%
segment = toolkit.Segment.all_of("interest_shoes", "newsletter") & ~toolkit.Segment.any_of("lapsed", "location_nyc")
careless = toolkit.CampaignDraft(
    name="Shoe week, first try",
    message="Hi {{customer_tier}}, shoe week is on: https://bit.ly/shoes",
    segment=segment,
    senders=["Marketing Line"],
)
for finding in ws.plan(careless).findings:
    print(f"{finding.severity:5}  {finding.message} {finding.fix}")

# %% [markdown]
# Findings are worst first: `block` stops the plan, `warn` and `info` are for you to judge. Every finding says what to
# do about it.
#
# ## A plan that can go

# %%
draft = careless.model_copy(
    update={
        "name": "Shoe week",
        "message": "Shoe week is on: 20% off until Sunday at our shops. Reply STOP to opt out.",
    }
)
plan = ws.plan(draft)
plan

# %% [markdown]
# Read it as its recipients will: the text as three of them see it, who is left out and why, and the exact number. The
# digest stands for all of it, people included: the yes you are about to give is bound to this digest and to nothing
# else.
#
# ## A yes to exactly this
#
# A wrong number is no yes:

# %%
try:
    plan.approve(recipients=plan.recipients + 1, by=APPROVED_BY)
except toolkit.ToolkitError as error:
    print(error)

# %% [markdown]
# In code, which can approve on the embedded workspace alone, you would type the number you have read. This page takes
# it from the plan, so that it runs on whichever day your workspace was made.

# %%
approval = plan.approve(recipients=plan.recipients, by=APPROVED_BY)
approval.by, approval.via

# %% [markdown]
# `send` takes the approval and nothing else. It reads everything again, and if anybody joined or left since, it sends
# nothing and says who. Then it writes down that it is sending, sends once, and writes down the answer.

# %%
receipt = ws.send(approval)
receipt

# %% [markdown]
# Sending the same approval again returns the same receipt; nothing leaves a second time, from here, from another
# notebook or from the terminal.

# %%
again = ws.send(approval)
again.campaign_id == receipt.campaign_id, again.repeated

# %% [markdown]
# ## Did it go to exactly these people?
#
# The plan kept the ids of its recipients, the log has a row for each message. Held against each other:

# %%
ws.fulfilment(receipt.campaign_id)

# %% [markdown]
# ## How did it go?
#
# The monitor looks again by itself until the reports are in. It reads without a kernel, too: below is how it stood when
# this page was made.

# %%
monitor = CampaignMonitor(ws, receipt.campaign_id)
monitor.start()
time.sleep(REPORT_SECONDS)
monitor.stop()
monitor.wait(10)
monitor

# %% [markdown]
# ## What was done, and from where
#
# The ledger keeps every step, with who did it and from where, each sealed with the one before; never a phone number in
# full, never a key.

# %%
for event in ws.events(plan.id):
    print(f"{event.event:10} {event.via}")

# %% [markdown]
# ## By clicking
#
# The builder has a field for each part of a draft and shows the plan beside it. Only your own click sends.

# %%
builder = CampaignBuilder(ws)
builder
