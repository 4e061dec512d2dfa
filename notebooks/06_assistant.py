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
# # Working with an assistant
#
# An assistant that speaks MCP can explore the workspace and prepare a campaign. It cannot approve one: there is
# no tool for that, and no tool takes an approval as an argument. You approve, here or in its host's form or in a
# terminal, and only then does its request to send go through. Below is that conversation, with the real server and a
# real client; the model is replaced by a few lines of code.

# %% tags=["parameters"]
APPROVED_BY = "ana"

# %%
import os
import sys

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

import toolkit

ws = toolkit.connect()
server = StdioServerParameters(command=sys.executable, args=["-m", "mcp_server"], env=dict(os.environ))


async def ask(tool, **arguments):
    """One call of a tool, as a model makes it: what came back as data, or the sentence that refuses."""
    async with Client(stdio_client(server, errlog=sys.__stderr__)) as assistant:
        result = await assistant.call_tool(tool, arguments)
        return result.structured_content or result.content[0].text


# %% [markdown]
# In a desktop assistant you would add the command `seax-mcp` to its settings instead. These are the tools it then has,
# with their descriptions:

# %%
async with Client(stdio_client(server, errlog=sys.__stderr__)) as assistant:
    tools = (await assistant.list_tools()).tools
for tool in tools:
    kind = "reads" if tool.annotations.read_only_hint else "ACTS" if tool.annotations.destructive_hint else "prepares"
    print(f"{kind:9} {tool.name:20} {tool.description.split('.')[0]}.")

# %% [markdown]
# ## The assistant explores
#
# “How many VIPs do we have outside New York?” Names and phones of people stay on this machine: a model sees handles
# and masked numbers. And text written by others, such as a label, is fenced, so that no model takes it for an
# instruction.

# %%
found = await ask("find_contacts", any_of=["vip_customers"], none_of=["location_nyc"], limit=2)
print(found["total"], found["explanation"])
print(found["rows"])

# %% [markdown]
# ## The assistant plans
#
# “Invite them to the preview on Friday.” A plan is made and stored; nothing is sent.

# %%
planned = await ask(
    "plan_campaign",
    name="Friday preview",
    message="You get in first: our preview opens on Friday at 6. Reply STOP to opt out.",
    senders=["Marketing Line"],
    any_of=["vip_customers"],
    none_of=["location_nyc"],
)
planned["plan_id"], planned["recipients"]

# %% [markdown]
# ## The assistant tries to send
#
# Whatever its instructions, without a person's approval it gets no further. (In a host that can show forms you
# would be asked there, now. Run this page a second time, and it reports that this campaign was sent before.)

# %%
await ask("send_plan", plan_id=planned["plan_id"])

# %% [markdown]
# ## You check, and approve
#
# The plan is in the ledger on this machine, so it is in your notebook too, and in `seax plans`.

# %%
ws.plans(limit=3)

# %%
plan = ws.get_plan(planned["plan_id"]).plan
plan

# %% [markdown]
# Now you would type the number of recipients and click **Send** in this notebook's panel, or run `seax approve` in a
# terminal; from then on the assistant's `send_plan` goes through, once. An approval from code does not count for it:
# an assistant that can also run code could give it. This page has nobody to click, so it approves and sends by itself,
# which works on the embedded workspace alone.

# %%
approval = ws.approvals.approve(plan.id, recipients=plan.recipients, by=APPROVED_BY, via="code")
receipt = ws.send(approval)
receipt

# %% [markdown]
# ## The assistant asks again
#
# And gets the answer that it was sent. It may ask as often as it likes: a campaign is sent once.

# %%
again = await ask("send_plan", plan_id=plan.id)
again["outcome"]["status"], again["outcome"]["recipients"]

# %% [markdown]
# ## Who did what
#
# Every step is in the ledger, with who did it, when and from where.

# %%
for event in ws.ledger.events(plan.id):
    print(f"{event.event:10} {event.via}")

# %%
ws.ledger.check_campaign_recipients(receipt.campaign_id)
