"""Where contacts live: the area codes of a place, its state and its time zone."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A place, its share of the contacts, and the fictional numbers there.

    `numbers` are templates in which `#` stands for any digit.
    """

    country: str
    state: str | None
    timezone: str
    weight: float
    numbers: tuple[str, ...]
    label: str | None = None


def _american(
    state: str, zone: str, weight: float, area_codes: str, label: str | None = None, country: str = "US"
) -> Place:
    templates = tuple(f"+1{code}55501##" for code in area_codes.split())
    return Place(country, state, zone, weight, templates, label)


_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"

PLACES = (
    _american("NY", _EAST, 10.0, "212 332 347 646 718 917 929", "location_nyc"),
    _american("CA", _PACIFIC, 7.0, "213 310 323 424 626 747 818", "location_la"),
    _american("IL", _CENTRAL, 5.0, "312 773 872 708 847", "location_chicago"),
    _american("TX", _CENTRAL, 4.5, "281 346 713 832", "location_houston"),
    _american("FL", _EAST, 4.5, "305 786 954 754", "location_miami"),
    _american("CA", _PACIFIC, 3.5, "415 510 628 650 925", "location_sf"),
    _american("WA", _PACIFIC, 3.0, "206 253 425", "location_seattle"),
    _american("CO", _MOUNTAIN, 2.5, "303 720", "location_denver"),
    _american("GA", _EAST, 3.0, "404 470 678 770", "location_atlanta"),
    _american("MA", _EAST, 3.0, "339 617 781 857", "location_boston"),
    _american("ON", "America/Toronto", 3.0, "416 437 647 905", "location_toronto", "CA"),
    _american("CA", _PACIFIC, 5.0, "209 408 442 530 559 562 619 657 661 669 707 714 760 805 831 858 909 916 949 951"),
    _american("TX", _CENTRAL, 5.0, "210 214 254 325 361 409 430 432 469 512 682 737 806 817 830 903 936 940 956 972"),
    _american("NY", _EAST, 2.5, "315 516 518 585 607 631 716 845 914"),
    _american("FL", _EAST, 3.0, "239 321 352 386 407 561 727 772 813 863 904 941"),
    _american("PA", _EAST, 3.0, "215 267 412 484 570 610 717 724 814 878"),
    _american("OH", _EAST, 2.5, "216 234 330 380 419 440 513 567 614 740 937"),
    _american("IL", _CENTRAL, 1.5, "217 224 309 331 618 630 779 815"),
    _american("MI", _EAST, 2.0, "231 248 269 313 517 586 616 734 810 947 989"),
    _american("NJ", _EAST, 2.0, "201 551 609 732 848 856 862 908 973"),
    _american("NC", _EAST, 2.0, "252 336 704 743 828 910 919 980 984"),
    _american("VA", _EAST, 1.5, "276 434 540 571 703 757 804"),
    _american("GA", _EAST, 1.0, "229 478 706 762 912"),
    _american("MA", _EAST, 1.0, "351 413 508 774 978"),
    _american("WA", _PACIFIC, 1.0, "360 509 564"),
    _american("AZ", "America/Phoenix", 1.5, "480 520 602 623 928"),
    _american("TN", _CENTRAL, 1.0, "615 629 731 901 931"),
    _american("TN", _EAST, 0.5, "865"),
    _american("MO", _CENTRAL, 1.0, "314 417 573 636 660 816"),
    _american("MD", _EAST, 1.2, "240 301 410 443 667"),
    _american("MN", _CENTRAL, 1.0, "218 320 507 612 651 763 952"),
    _american("WI", _CENTRAL, 1.0, "262 414 534 608 715 920"),
    _american("IN", "America/Indiana/Indianapolis", 1.0, "260 317 463 574 765"),
    _american("AL", _CENTRAL, 0.8, "205 251 256 334"),
    _american("SC", _EAST, 0.8, "803 843 854 864"),
    _american("LA", _CENTRAL, 0.8, "225 318 337 504 985"),
    _american("KY", "America/Kentucky/Louisville", 0.7, "502 606 859"),
    _american("OR", _PACIFIC, 0.8, "503 541 971"),
    _american("OK", _CENTRAL, 0.7, "405 539 580 918"),
    _american("CT", _EAST, 0.7, "203 475 860 959"),
    _american("UT", _MOUNTAIN, 0.6, "385 435 801"),
    _american("IA", _CENTRAL, 0.5, "319 515 563 641 712"),
    _american("NV", _PACIFIC, 0.6, "702 725 775"),
    _american("AR", _CENTRAL, 0.5, "479 501 870"),
    _american("MS", _CENTRAL, 0.4, "228 601 662 769"),
    _american("KS", _CENTRAL, 0.5, "316 620 785 913"),
    _american("NM", _MOUNTAIN, 0.4, "505 575"),
    _american("NE", _CENTRAL, 0.3, "402 531"),
    _american("ID", "America/Boise", 0.3, "208 986"),
    _american("WV", _EAST, 0.2, "304 681"),
    _american("HI", "Pacific/Honolulu", 0.4, "808"),
    _american("AK", "America/Anchorage", 0.2, "907"),
    _american("ME", _EAST, 0.2, "207"),
    _american("NH", _EAST, 0.2, "603"),
    _american("RI", _EAST, 0.2, "401"),
    _american("VT", _EAST, 0.1, "802"),
    _american("DE", _EAST, 0.2, "302"),
    _american("DC", _EAST, 0.4, "202"),
    _american("MT", _MOUNTAIN, 0.2, "406"),
    _american("WY", _MOUNTAIN, 0.1, "307"),
    _american("ND", _CENTRAL, 0.1, "701"),
    _american("SD", _CENTRAL, 0.1, "605"),
    _american("QC", "America/Toronto", 1.2, "418 438 450 514 579 581 819", None, "CA"),
    _american("BC", "America/Vancouver", 1.0, "236 250 604 778", None, "CA"),
    _american("AB", "America/Edmonton", 0.7, "403 587 780", None, "CA"),
    Place("GB", None, "Europe/London", 3.0, ("+447700900###", "+442079460###"), "location_london"),
    Place("FR", None, "Europe/Paris", 2.0, ("+3363998####",)),
    Place("IE", None, "Europe/Dublin", 0.8, ("+3532091#####",)),
    Place("DE", None, "Europe/Berlin", 0.5, ("+4917139200##",)),
    Place("SE", None, "Europe/Stockholm", 0.3, tuple(f"+467017406{tens}#" for tens in range(1, 10))),
    Place(
        "AU",
        None,
        "Australia/Sydney",
        0.1,
        tuple(f"+61491570{end}" for end in ("006", "110", "156", "157", "158", "159")),
    ),
)


def capacity(place: Place) -> int:
    """Return how many different numbers the place has."""
    return sum(10 ** template.count("#") for template in place.numbers)


def number(place: Place, nth: int) -> str:
    """Return the place's nth number, counting from 0 over all of its templates."""
    for template in place.numbers:
        wild = template.count("#")
        if nth < 10**wild:
            return template.replace("#" * wild, f"{nth:0{wild}d}") if wild else template
        nth -= 10**wild
    raise IndexError(f"{place.country} has only {capacity(place)} numbers")


def bulk_number(nth: int) -> str:
    """Return the nth number of the area codes that cannot exist, for workspaces beyond the fictional supply."""
    return f"+1{555 if nth < 8_000_000 else 999}{2_000_000 + nth % 8_000_000:07d}"
