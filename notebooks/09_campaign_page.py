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
# to it. Opening the page, like running this notebook, sends nothing: a person looks at the plan, types its number of
# recipients and presses **Send**.

# %% tags=["parameters"]
NAME = "Spring preview"  # what the campaign is called at first

# %%
import toolkit
from toolkit.widgets import CampaignBuilder, Inbox, SegmentExplorer

ws = toolkit.connect()

# %% [markdown]
# ## Whom
#
# Click labels, look into fields, or type a rule. The counts follow.

# %%
explorer = SegmentExplorer(ws, toolkit.Segment.any_of("vip_customers"))
explorer

# %% [markdown]
# ## What
#
# The campaign goes to the segment above, whatever it becomes.

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
# ## What waits for a yes
#
# Plans that others made, an assistant among them, until somebody approves or withdraws them.

# %%
inbox = Inbox(ws)
inbox
