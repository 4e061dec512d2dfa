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
# *From contacts to a measured campaign* sends one in a dozen cells. This notebook goes into the details of the
# middle: what a plan checks, what stops it, what an approval is bound to, and how you know afterwards that it went to
# exactly the people you saw. The embedded workspace has only invented people; everything here works the same on yours,
# except that there a person approves by clicking.

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
# Carriers count parts, and one unusual character can double them. Check the parts of a text early.

# %%
for text in ("Shoe week: 20% off until Sunday. Reply STOP to opt out.", "Shoe week: 20% off until Sunday 🌸 " * 3):
    print(count_parts(text))

# %% [markdown]
# ## A plan that is blocked
#
# A draft is what you want to send; the plan is what would happen. This one does not explain how to opt out, hides its
# link behind a public shortener, and has a placeholder that is not filled.

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
# The most severe findings come first: `block` stops the plan, `warn` and `info` are for you to judge. Every finding
# has a recommended fix.
#
# ## A plan that can be sent

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
# Read it as its recipients will: the text as three of them see it, who is excluded and why, and the exact number. The
# digest covers all of it, people included: the approval you are about to give is bound to this digest and to nothing
# else.
#
# ## Approving exactly this
#
# A wrong number approves nothing:

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
# `send` takes the approval and nothing else. It reads everything again, and if anybody joined or dropped out since, it
# sends nothing and names them. Then it records that it is sending, sends once, and records the answer.

# %%
receipt = ws.send(approval)
receipt

# %% [markdown]
# Sending the same approval again returns the same receipt; nothing is sent a second time, from here, from another
# notebook or from the terminal.

# %%
again = ws.send(approval)
again.campaign_id == receipt.campaign_id, again.repeated

# %% [markdown]
# ## Did it go to exactly these people?
#
# The plan has the ids of its recipients, the log has a row for each message. Compared with each other:

# %%
ws.ledger.check_campaign_recipients(receipt.campaign_id)

# %% [markdown]
# ## How did it perform?
#
# The monitor updates itself until the reports are in. It is readable without a kernel, too: below is its state when
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
# The ledger records every step, with who did it and from where, each sealed with the previous one; never a full phone
# number, never a key.

# %%
for event in ws.ledger.events(plan.id):
    print(f"{event.event:10} {event.via}")

# %% [markdown]
# ## By clicking
#
# The builder has a field for each part of a draft and shows the plan beside it. Only a click in a browser sends.

# %%
builder = CampaignBuilder(ws)
builder
