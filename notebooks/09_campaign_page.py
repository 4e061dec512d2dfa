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
# # A campaign, from a page
#
# `make page` serves this notebook with Voilà: a page without code, for colleagues who want to find an audience and send
# to it. Opening the page, like running this notebook, sends nothing: a person checks the plan, types its number of
# recipients and presses **Send**.

# %% tags=["parameters"]
NAME = "Spring preview"  # the campaign's initial name

# %%
import toolkit
from toolkit.widgets import CampaignBuilder, Inbox, SegmentExplorer

ws = toolkit.connect()

# %% [markdown]
# ## Recipients
#
# Click labels, explore fields, or type a rule. The counts follow.

# %%
explorer = SegmentExplorer(ws, toolkit.Segment.any_of("vip_customers"))
explorer

# %% [markdown]
# ## Message
#
# The campaign goes to the segment above, as it changes.

# %%
builder = CampaignBuilder(
    ws,
    toolkit.CampaignDraft(
        name=NAME,
        message="You get in first: our spring preview opens on Friday at 6. Reply STOP to opt out.",
        segment=explorer.value,
        senders=["Marketing Line"],
    ),
    explorer=explorer,
)
builder

# %% [markdown]
# ## Plans waiting for approval
#
# Plans made by others, including assistants, until somebody approves or withdraws them.

# %%
inbox = Inbox(ws)
inbox
