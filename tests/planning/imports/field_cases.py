"""The contact files that people bring, as bytes: by name, what a file of that kind looked like when it was reported."""

FIELD_CASES: dict[str, bytes] = {
    "cols_missing": (b"name,phone,labels,city\nAnn Lee,+12025550135\nBo Ray\nCy Ito,+12025550136,vip_customers\n"),
    "comma_unquoted": (
        b"name,phone,labels,city\nLee, Ann,+12025550131,vip_customers,Paris\nBo Ray,+12025550132,newsletter,Rome\n"
    ),
    "date_one_bad": (
        b"name,phone,labels,last_purchase\n"
        b"Nia,+13105550101,date_t,never\n"
        b"Olu,+13105550102,date_t,30/11/2025\n"
        b"Pia,+13105550103,date_t,Sep 2020\n"
        b"Quy,+13105550104,date_t,2026-11-20T09:00:00Z\n"
    ),
    "del_pipe": (
        b"name|phone|labels|city\n"
        b"Zo\xc3\xab G\xc3\xa4rtner|+12025550114|vip_customers|K\xc3\xb6ln\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez|+12025550115|newsletter|S\xc3\xa3o Paulo\n"
    ),
    "del_semicolon": (
        b"name;phone;labels;city\n"
        b"Zo\xc3\xab G\xc3\xa4rtner;+12025550110;vip_customers;K\xc3\xb6ln\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez;+12025550111;newsletter;S\xc3\xa3o Paulo\n"
    ),
    "del_sep_comma": (
        b"sep=,\n"
        b"name,phone,labels,city\n"
        b"Zo\xc3\xab G\xc3\xa4rtner,+12025550114,vip_customers,K\xc3\xb6ln\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez,+12025550115,newsletter,S\xc3\xa3o Paulo\n"
    ),
    "del_sep_line": (
        b"sep=;\n"
        b"name;phone;labels;city\n"
        b"Zo\xc3\xab G\xc3\xa4rtner;+12025550114;vip_customers;K\xc3\xb6ln\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez;+12025550115;newsletter;S\xc3\xa3o Paulo\n"
    ),
    "del_tab": (
        b"name\tphone\tlabels\tcity\n"
        b"Zo\xc3\xab G\xc3\xa4rtner\t+12025550112\tvip_customers\tK\xc3\xb6ln\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez\t+12025550113\tnewsletter\tS\xc3\xa3o Paulo\n"
    ),
    "dup_formats": (
        b"name,phone\n"
        b"Ann,+12025550175\n"
        b"Ann L,(202) 555-0175\n"
        b"A. Lee,202.555.0175\n"
        b"Ann Lee,1-202-555-0175\n"
        b"Bo,+12025550176\n"
    ),
    "enc_cp1252": (
        b"name,phone,labels,city\n"
        b"Zo\xeb G\xe4rtner,+12025550104,vip_customers,K\xf6ln\n"
        b"Jos\xe9 N\xfa\xf1ez,+12025550105,newsletter,S\xe3o Paulo\n"
    ),
    "enc_macroman": (
        b"name,phone,labels,city\n"
        b"Zo\x91 G\x8artner,+12025550106,vip_customers,K\x9aln\n"
        b"Jos\x8e N\x9c\x96ez,+12025550107,newsletter,S\x8bo Paulo\n"
    ),
    "enc_mojibake": (
        b"name,phone,labels,city\n"
        b"Zo\xc3\x83\xc2\xab G\xc3\x83\xc2\xa4rtner,+12025550108,vip_customers,K\xc3\x83\xc2\xb6ln\n"
        b"Jos\xc3\x83\xc2\xa9 N\xc3\x83\xc2\xba\xc3\x83\xc2\xb1ez,+12025550109,newsletter,S"
        b"\xc3\x83\xc2\xa3o Paulo\n"
    ),
    "enc_utf16le_bom": (
        b"\xff\xfen\x00a\x00m\x00e\x00,\x00p\x00h\x00o\x00n\x00e\x00,\x00l\x00a\x00b\x00e\x00l\x00s"
        b"\x00,\x00c\x00i\x00t\x00y\x00\n\x00Z\x00o\x00\xeb\x00 \x00G\x00\xe4\x00r\x00t\x00n\x00e\x00r\x00"
        b",\x00+\x001\x002\x000\x002\x005\x005\x005\x000\x001\x000\x002\x00,\x00v\x00i\x00p\x00_"
        b"\x00c\x00u\x00s\x00t\x00o\x00m\x00e\x00r\x00s\x00,\x00K\x00\xf6\x00l\x00n\x00\n\x00J\x00o\x00"
        b"s\x00\xe9\x00 \x00N\x00\xfa\x00\xf1\x00e\x00z\x00,\x00+\x001\x002\x000\x002\x005\x005\x005\x000"
        b"\x001\x000\x003\x00,\x00n\x00e\x00w\x00s\x00l\x00e\x00t\x00t\x00e\x00r\x00,\x00S\x00\xe3\x00"
        b"o\x00 \x00P\x00a\x00u\x00l\x00o\x00\n\x00"
    ),
    "enc_utf16le_nobom": (
        b"n\x00a\x00m\x00e\x00,\x00p\x00h\x00o\x00n\x00e\x00,\x00l\x00a\x00b\x00e\x00l\x00s\x00,"
        b"\x00c\x00i\x00t\x00y\x00\n\x00Z\x00o\x00e\x00 \x00G\x00a\x00r\x00t\x00n\x00e\x00r\x00,\x00"
        b"+\x001\x002\x000\x002\x005\x005\x005\x000\x001\x000\x002\x00,\x00v\x00i\x00p\x00_\x00c"
        b"\x00u\x00s\x00t\x00o\x00m\x00e\x00r\x00s\x00,\x00K\x00o\x00l\x00n\x00\n\x00J\x00o\x00s\x00"
        b"e\x00 \x00N\x00u\x00n\x00e\x00z\x00,\x00+\x001\x002\x000\x002\x005\x005\x005\x000\x001"
        b"\x000\x003\x00,\x00n\x00e\x00w\x00s\x00l\x00e\x00t\x00t\x00e\x00r\x00,\x00S\x00a\x00o\x00"
        b" \x00P\x00a\x00u\x00l\x00o\x00\n\x00"
    ),
    "enc_utf8_bom": (
        b"\xef\xbb\xbfname,phone,labels,city\n"
        b"Zo\xc3\xab G\xc3\xa4rtner,+12025550100,vip_customers,K\xc3\xb6ln\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez,+12025550101,newsletter,S\xc3\xa3o Paulo\n"
    ),
    "hd_case_space": (b" NAME , Phone ,LABELS\nAnn Lee,+12025550148,vip_customers\n"),
    "hd_dup_phone": (b"name,phone,Phone,labels\nAnn Lee,+12025550149,+12025550150,vip_customers\n"),
    "hd_empty": (b"name,phone,,labels,\nAnn Lee,+12025550152,x,vip_customers,y\nBo Ray,+12025550153,z,newsletter,\n"),
    "hd_label": (b"name,phone,label\nAnn Lee,+12025550155,DNC\n"),
    "hd_mobile": (b"Name,Mobile,Labels\nAnn Lee,+12025550147,vip_customers\n"),
    "hd_nbsp": (b"name,\xc2\xa0phone\xc2\xa0,labels\nAnn Lee,+12025550160,vip_customers\n"),
    "hd_none": (b"Ann Lee,+12025550158,vip_customers\nBo Ray,+12025550159,newsletter\n"),
    "hd_nonlatin": (
        b"\xd0\xb8\xd0\xbc\xd1\x8f,\xd1\x82\xd0\xb5\xd0\xbb\xd0\xb5\xd1\x84\xd0\xbe\xd0\xbd,\xd0\xbc\xd0"
        b"\xb5\xd1\x82\xd0\xba\xd0\xb8\n"
        b"\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0,+12025550154,vip_customers\n"
    ),
    "hd_phone_number": (b"First Name,Last Name,Phone Number,Tags\nAnn,Lee,+12025550146,vip_customers\n"),
    "hd_phoneonly": (b"phone\n+12025550156\n+12025550157\n"),
    "hd_title_rows": (b"Contacts export 2026-11-30\n\nname,phone,labels\nAnn Lee,+12025550162,vip_customers\n"),
    "hd_zwsp": (b"name,phone\xe2\x80\x8b,labels\nAnn Lee,+12025550161,vip_customers\n"),
    "header_only": b"name,phone\n",
    "html_renamed": b"<!DOCTYPE html><html><body>Sign in</body></html>",
    "inj": (
        b"name,phone,labels,site\n"
        b'"=HYPERLINK(""https://evil.example"",""x"")",+12025550194,vip_customers,=1+1\n'
        b"@SUM(A1),+12025550195,vip_customers,-2+3\n"
    ),
    "lab_dnc_semicolon": (
        b"name,phone,labels\n"
        b"Ann,+12025550111,fair_2026; DNC\n"
        b"Bo,+12025550112,fair_2026|unsubscribed\n"
        b'Cy,+12025550113,"fair_2026, DNC"\n'
        b"Di,+12025550114,fair_2026 DNC\n"
        b'Ed,+12025550115,"fair_2026\n'
        b'DNC"\n'
        b"Fi,+12025550116,Do Not Contact\n"
        b"Go,+12025550117,opt-out\n"
    ),
    "lab_forms": (
        b"name,phone,labels\n"
        b'A,+12025550163,"vip_customers,newsletter"\n'
        b"B,+12025550164,vip_customers;newsletter\n"
        b"C,+12025550165,vip_customers|newsletter\n"
        b"D,+12025550166,\"['vip_customers', 'newsletter']\"\n"
        b'E,+12025550167,"[""vip_customers"", ""newsletter""]"\n'
        b"F,+12025550168,VIP_Customers\n"
        b'G,+12025550169,"Smith, Sons & Co"\n'
        b"H,+12025550170,\xf0\x9f\x8e\x84 xmas\n"
        b"I,+12025550171,vip customers\n"
        b"J,+12025550172,dnc\n"
        b"K,+12025550173,Unsubscribed\n"
        b'L,+12025550174,"vip_customers; DNC"\n'
    ),
    "nl_cr_only": (
        b"name,phone,labels,city\r"
        b"Zo\xc3\xab G\xc3\xa4rtner,+12025550118,vip_customers,K\xc3\xb6ln\r"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez,+12025550119,newsletter,S\xc3\xa3o Paulo\r"
    ),
    "nl_crlf": (
        b"name,phone,labels,city\r\n"
        b"Zo\xc3\xab G\xc3\xa4rtner,+12025550120,vip_customers,K\xc3\xb6ln\r\n"
        b"Jos\xc3\xa9 N\xc3\xba\xc3\xb1ez,+12025550121,newsletter,S\xc3\xa3o Paulo\r\n"
    ),
    "nl_quoted": (
        b"name,phone,labels,address\n"
        b'"Ann Lee",+12025550116,vip_customers,"12 High St\n'
        b"Flat 2\n"
        b'Leeds"\n'
        b'"Bo ""Bob"" Ray",+12025550117,,"1 ""A"" Rd"\n'
    ),
    "opt_update": (b"name,phone,labels\nAnn New,+15105550125,newsletter\n"),
    "ph_arabic": (
        b"name,phone\nAnn,+\xd9\xa1\xd9\xa2\xd9\xa0\xd9\xa2\xd9\xa5\xd9\xa5\xd9\xa5\xd9\xa0\xd9\xa1\xd9\xa9\xd9\xa3\n"
    ),
    "ph_au": (
        b"name,phone\nAnn,0491 570 006\nBo,491570156\nCy,61491570157\nDi,+61 0491 570 158\nEd,0011 61 491 570 159\n"
    ),
    "ph_de": (b"name,phone\nAnn,0171 3920012\nBo,0171/39 200-13\nCy,+49 (0) 171 3920014\nDi,491713920015\n"),
    "ph_ext": (
        b"name,phone\n"
        b"Ann,+1 202 555 0177 x123\n"
        b"Bo,202-555-0178 ext. 4\n"
        b"Cy,+12025550179;ext=5\n"
        b"Di,tel:+12025550180\n"
        b"Ed,+1 (202) 555-0181#9\n"
    ),
    "ph_fr": (
        b"name,phone\n"
        b"Ann,06 39 98 01 23\n"
        b"Bo,0639980124\n"
        b"Cy,+33 (0)6 39 98 01 25\n"
        b"Di,0033639980126\n"
        b"Ed,33639980127\n"
        b"Fi,639980128\n"
    ),
    "ph_invisible": (
        b"name,phone\n"
        b"Ann,\xe2\x80\xaa+12025550187\xe2\x80\xac\n"
        b"Bo,+1\xc2\xa0202\xc2\xa0555\xc2\xa00188\n"
        b"Cy,+1\xe2\x80\x91202\xe2\x80\x91555\xe2\x80\x910189\n"
        b"Di,+1 202\xe2\x80\x93555\xe2\x80\x930190\n"
        b"Ed,+12025550191\n"
        b"Fi,\xef\xbb\xbf+12025550192\n"
    ),
    "ph_short": (b"name,phone\nAnn,12345\nBo,+14045\nCy,911\nDi,00000000000\nEd,0\n"),
    "ph_world": (
        b"name,phone\n"
        b"MX,55 1234 5678\n"
        b"MX1,+52 1 55 1234 5678\n"
        b"BR,(11) 98765-4321\n"
        b"BR8,(11) 8765-4321\n"
        b"AR,011 15 2345-6789\n"
        b"AR9,+54 9 11 2345-6789\n"
        b"IN,098765 43210\n"
        b"JP,090-1234-5678\n"
    ),
    "quote_smart": (b"name,phone,labels\n\xe2\x80\x9cLee, Ann\xe2\x80\x9d,+12025550130,vip_customers\n"),
    "quote_unclosed_mid": (
        b"name,phone,labels,note\n"
        b"Ann Lee,+12025550126,vip_customers,ok\n"
        b'Bo Ray,+12025550127,vip_customers,"likes tea\n'
        b"Cy Ito,+12025550128,vip_customers,ok\n"
        b"Di Oz,+12025550129,DNC,ok\n"
    ),
    "roundtrip_export": (
        b'\xef\xbb\xbf"id","name","phone","whatsapp_phone","note","labels","fields","created_time","upda'
        b'ted_time"\n'
        b'"ca796d31-8510-4cc1-948f-e602fc9aa3fe","Liam Walker","\'+12175550170",,"","interest_outdoor'
        b'; lapsed","{""customer_tier"":""bronze"",""state"":""IL"",""country"":""US"",""timezone"":'
        b'""America/Chicago""}","2026-09-26T22:19:53.091059Z","2026-09-26T22:19:53.091070Z"\n'
        b'"6637402b-86ea-4954-9540-18caf3855cd9","Zo\xc3\xa9 Moreau","\'+13145550142","\'+13145550142",'
        b'"","birthday_club; lapsed","{""customer_tier"":""bronze"",""last_purchase"":""2025-12-04""'
        b',""orders"":2,""state"":""MO"",""country"":""US"",""timezone"":""America/Chicago""}","2026'
        b'-09-26T12:37:08.132030Z","2026-09-26T12:37:08.132041Z"\n'
        b'"8ab13145-a77e-4a6a-818d-e9e0b811a156","Ava Miller","\'+12625550150","\'+12625550150","","so'
        b'urce_event; lapsed","{""customer_tier"":""bronze"",""last_purchase"":""2025-12-30"",""orde'
        b'rs"":1,""state"":""WI"",""country"":""US"",""timezone"":""America/Chicago""}","2026-09-26T'
        b'05:50:31.666821Z","2026-09-26T05:50:31.666832Z"\n'
    ),
    "xl_apostrophe": (b"name,phone\nAnn,'+12025550137\nBo,'12025550138\n"),
    "xl_dates": (
        b"name,phone,joined\nAnn,+12025550143,45992\nBo,+12025550144,01/12/2026\nCy,+12025550145,2026-12-01\n"
    ),
    "xl_dotzero": (b"name,phone\nAnn,12025550141.0\nBo,12025550142.0\n"),
    "xl_dotzero_gb": (b"name,phone\nAnn,447700900141.0\nBo,7700900142.0\n"),
    "xl_errors": (b"name,phone,tier\nAnn,#N/A,gold\nBo,#REF!,#N/A\nCy,NULL,NaN\nDi,-,None\nEd,n/a,\n"),
    "xl_formula": (b'name,phone\nAnn,"=""+12025550139"""\nBo,="+12025550140"\n'),
    "xl_lostzero_gb": (
        b"name,phone\n"
        b"Ann,7700900143\n"
        b"Bo,07700900144\n"
        b"Cy,447700900145\n"
        b"Di,00447700900146\n"
        b"Ed,+44 (0)7700 900147\n"
        b"Fi,+44 7700 900148\n"
        b"Gu,(07700) 900149\n"
        b"Ha,0044 (0) 7700-900150\n"
    ),
    "xl_sci": (b"name,phone\nAnn,1.20255E+10\nBo,1.20256E+10\nCy,4.47701E+11\n"),
    "xlsx_renamed": b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00" + bytes(range(256)),
}
