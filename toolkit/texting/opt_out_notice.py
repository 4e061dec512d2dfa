"""How a message explains opting out: "Reply STOP to opt out", "STOP au 36000", "Opt out: example.com/x".

A stop word alone is not an instruction: "the bus STOP has moved", "don't STOP now" and "BAJA California" do not count.
"""

from __future__ import annotations

import re
import unicodedata

from toolkit.texting.opt_out_words import STOP_WORDS, without_accents

_OPEN, _CLOSE = r"[\s\"'“”„«‹‘’*(\[]*", r"[\"'“”»›‘’*)\]]*"
_VERB = (
    "(?:reply|replying|respond|text|texting|txt|send|sending|sms|msg|message|answer|type"
    "|responda|responde|responder|envia|envie|enviar|escribe|escriba|manda|mande|contesta|conteste|digite"
    "|repondez|reponds|repondre|envoyez|envoyer|envoie|tapez"
    "|antworte|antworten(?: sie)?|sende|senden(?: sie)?|schreibe?|schreiben sie"
    "|rispondi|rispondere|rispondete|invia|inviare|scrivi|antwoord|stuur|svara|skicka|svar|odpisz|wyslij|odpowiedz|vastaa"
    "|laheta|odpovezte|poslete|valaszoljon|raspundeti|trimite|отправьте|ответьте|пришлите|напишите|απαντηστε|στειλτε)"
)
_WITH = (
    r"(?:\s+(?:back|with|us|the|a|word|keyword|message|text|sms|con|la|palabra|par|avec|le|mot|mit|dem|wort|das|met|het"
    r"|woord|med|com|col|il|o|um|una?|слово|смс)\b){0,4}"
)
_LEAVING = (  # means nothing else
    r"(?:unsub|unsubscribe|opt[ -]?out|optout|be removed|no more|not receive|(?:darse |dar |darte )?(?:de )?baja"
    r"|no recibir|desuscribir\w*|(?:vous |se |me |te )?desabonn\w+|(?:vous |se )?desinscri\w+|ne plus|abmelden"
    r"|abbestellen|austragen|disiscri\w+|non ricevere|nao receber|descadastr\w+|afmeld\w+|uitschrij\w+|avregistrer\w+"
    r"|framelde|avmeld\w*|afmelde|zrezygnowac|wypisac|odhlasit|отказа\w+|отписа\w+|отписк\w+)"
)
_ENDING = (
    r"(?:stop|end|quit|cancel|leave|exit|remove|withdraw|discontinue|get out|cancelar|parar|salir|terminar|dejar de"
    rf"|anular|arreter|refuser|beenden|annullare|cancellar\w+|sair|avslut\w+|avsta|lopettaa|{_LEAVING})"
)
_TO = r"\s*(?:to|2|=|>|->|→|for|para|pour|fur|zum|um zu|per|om te|om|til at|for a|att|чтобы)\s*"
_MESSAGES = r"\s+(?:sms|texts?|msgs?|messages?)"
_HEADING = rf"(?:\bto {_ENDING}|\b(?:stop|end|cancel|quit){_MESSAGES}|\b{_LEAVING}(?:{_MESSAGES})?)"
_STOP = "|".join(sorted((word.replace(" ", "[ -]?") for word in STOP_WORDS), key=len, reverse=True))
_WORD = rf"({_STOP}|stopp|unsub|salir|sair|abmelden|afmelden|стоп|στοπ)(?![\w-])"
_AT = r"(?:https?://|www\.|\w[\w-]*\.\w+/|\w[\w-]*\.(?:com|net|org|example|co)\b|\+?\d[\d ().-]{5,}\d)"
_TOLD = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_VERB}{_WITH}{_OPEN}{_WORD}",  # reply STOP
        rf"\b(?:reply|respond|txt|responde|responda|repondez|antworten):{_OPEN}{_WORD}",
        rf"\b{_WORD}{_CLOSE}{_TO}{_ENDING}\b",  # STOP to end
        rf"\b{_VERB}{_WITH}{_OPEN}\b(\w+){_CLOSE}{_TO}{_ENDING}\b",  # text 9 to stop
        rf"\b(stop)(?:\s*(?:sms|pub))?{_CLOSE}\s*(?:au|to|al|an|an die|ao|naar|til|na|:)\s*\+?\d{{4,}}",  # STOP au 36…
        r"\b(stop|end)2\w+",
        rf"{_HEADING}\s*[:=?→>,-]+{_OPEN}{_WORD}",  # opt out: STOP
        rf"\b(?:para|pour|per) {_ENDING}[^.!?\n:]{{0,30}}:{_OPEN}{_WORD}",
        rf"\b{_WORD}{_CLOSE}\s*(?:antworten|senden|schreiben|sturen|yaz\w*|gonder\w*|を?(?:と返信|送信|返信))",
        r"(?:回复|回復|回覆|回|发送|發送)\s*[\"“「]?([a-z0-9]{1,6}|退订|退訂|取消)[\"”」]?(?=\W*(?:可?以?退|取消|拒收))",
        r"(?:退订|退訂|拒收|取消)(?:请|請)?(?:回复|回復|回覆|回)\s*[\"“「]?([a-z0-9]{1,6})",
    )
)
_BY_LINK = re.compile(
    r"\b(?:unsubscribe|opt[ -]?out|stop (?:texts|messages|sms)|desabonnement|desinscription|abmelden|abmeldung|baja"
    rf"|disiscriviti|afmelden|darse de baja|отписаться|отписка)\b[^.!?\n]{{0,25}}?{_AT}"
    r"|(?:수신 ?거부|무료 ?거부|להסרה|配信停止)\W{0,3}.{0,20}?(?:\d{3,}|https?://|\w+\.\w+/|השב)"
)


def opt_out_words(text: str) -> tuple[str, ...]:
    """The words that a message gives for opting out, each once, as in STOP_WORDS; empty if it gives none.

    A word that is not in STOP_WORDS, as in "text 2 to stop", is one that gateways do not act on. A link or a number for
    opting out counts as "optout".
    """
    plain = unicodedata.normalize("NFC", without_accents(text)).casefold()
    found = [(match.start(), next(filter(None, match.groups()))) for told in _TOLD for match in told.finditer(plain)]
    found += [(match.start(), "optout") for match in _BY_LINK.finditer(plain)]
    words = (re.sub(r"opt[ -]out", "optout", word) for _, word in sorted(found))
    return tuple(dict.fromkeys(words))
