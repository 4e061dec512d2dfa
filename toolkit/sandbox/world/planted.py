"""Facts planted in every embedded workspace, for tests and tutorials to find.

The page at /docs lists them for users of the workspace; `carrier`, `history` and `seed` implement them.
"""

TRUTHS = (
    (
        "A wording that works",
        "The campaigns “Autumn offer A” and “Autumn offer B” split one audience by a hash. B uses the contact's name,"
        " and any text with {name} has a click probability exactly 1.5 percentage points higher.",
    ),
    (
        "A wording that does nothing",
        "“Welcome wording A” and “Welcome wording B” split one audience by a hash. B adds an exclamation mark, which"
        " changes nothing at all.",
    ),
    (
        "A split that went wrong",
        "“Weekend deal A” and “Weekend deal B” were to have half of an audience each; B lost a tenth of its contacts on"
        " the way: a sample ratio mismatch.",
    ),
    (
        "Somebody who opts out between plan and send",
        "Opal Outis, contact 33333333-4444-4666-8777-888888888888, replies STOP ten minutes after the workspace was"
        " made.",
    ),
    (
        "People of the guide",
        "John Doe (11111111-2222-4444-3333-555555555555) and Jane Smith (22222222-3333-5555-4444-666666666666) have the"
        " guide's ids and numbers, and +18111222333, its example of a keyword, finds Kay Keyword.",
    ),
    (
        "New contacts opt out sooner",
        "Contacts created in the 30 days before a campaign opt out five times as often as others.",
    ),
    (
        "Fatigue and seasons",
        "Every other campaign in the seven days before lowers clicks; Tuesdays to Thursdays, middays and early evenings"
        " (US Eastern), November and December raise them.",
    ),
    (
        "Carriers filter public link shorteners",
        "A text with a link of bit.ly, tinyurl.com and the like loses another fifth of its messages, nearly all of them"
        " filtered (30007).",
    ),
    (
        "Imperfect data",
        "Of all contacts 5 to 8 % have no label, 1 % have no phone, 2 % a malformed one, 1.5 % somebody else's.",
    ),
    (
        "A quarter of everybody",
        "vip_customers without location_nyc are about a quarter of all contacts.",
    ),
)
