"""Words that say nothing about what is looked for."""

_COMMON = """
a about add all also an and any april are ask assistant at august between book build by calculate can celsius city code compare compute
convert could count country create current date day days december degrees demo describe detail difference distance do does dollars done
english eur euros exchange explain fahrenheit false february fetch find first flight flights for forecast francs friday from gbp general
get give hello help her here hey hi him hotel hotels hours how i i'd i'm i've if image in is it its january jpy july june kelvin
kilometres let list long look make march may me metres miles minutes model monday money month months my name near next november now
october of ok on one or order organise organize our photo picture place places plan please pounds print python rain read saturday
say search seconds see september short show some sum sunday tell temperature terminate thank thanks that the their them then there these
they this thursday time to today tomorrow tonight town travel trip true tuesday two us usd use utc we weather wednesday week weekend well
what what's when where where's which who why will with work write yen yes you your
"""
_GENERAL = """
about all always and answer answers any anything are available between call can city convert could country current data day days
describe different does everything example examples explain fetch find following for format from function get give given handoff here
how information input into list look lookup make name names number numbers one output people please provide provides question result
results return returns run search several show some something string tell text that the there this today tool transfer two use value
what which will with within without words would write you your
"""

COMMON = frozenset(_COMMON.split())
"""Words that are no names, though they may begin with a capital letter."""

GENERAL = frozenset(_GENERAL.split())
"""Words of prompts and tools that do not tell one tool from another."""
