"""Small words of a sentence (articles, pronouns, prepositions, question words), of which a search learns little.

They are indexed, and found in phrases and wherever they are asked for; only a loose list of words that has to be
relaxed leaves them aside (see `newsarchive.search.relaxing`). The lists are short on purpose: words that are names or
news words as well (`us`, `will` as a noun apart, `may`) are kept out where a reader could mean them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from newsarchive.search.analysis.folding import key, surface

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS: Final = {
    "en": """a about above after again all also am among an and any are as at be because been before being below between
        both but by can cannot could did do does doing done down during each either for from further had has have having
        he her here hers him his how i if in into is it its itself just me more most my no nor not of off on once only
        onto or other our out over own per same shall she should since so some such than that the their them then there
        these they this those through thus to too under until up upon very via was we were what when where whether which
        while who whom whose why will with within without would you your""",
    "de": """aber als am an auch auf aus bei bin bis da damit das dass dem den denn der des die dies diese dieser durch
        ein eine einem einen einer eines er es für gegen hat hatte ich ihr im in ist kann mit nach nicht noch nun nur
        oder ob ohne sein seine sich sie sind so über um und uns unter vom von vor war waren warum was wegen wenn wer
        werden wie wird wir wo zu zum zur zwischen""",
    "fr": """à au aux avec ce ces cette comme comment d dans de des dont du elle elles en entre est et être eu il ils
        je l la le les leur leurs lui mais ne nous on ont ou où par pas pendant plus pour pourquoi qu quand que quel
        quelle quels qui quoi sa sans se ses si son sont sous sur un une vers vous y""",
    "es": """a al ante como cómo con contra cuál cuando cuándo de del desde donde dónde e el ella ellos en entre era es
        esta este esto fue ha han hasta la las le les lo los más me mi muy ni no nos o para pero por porque qué que
        quien quién se según ser si sin sobre son su sus también un una uno unos y ya""",
    "it": """a ad ai al alla alle anche che chi ci come con cosa da dal dalla de dei del della delle di dopo dove e è
        ed era fra gli ha hanno i il in la le lo ma ne nei nel nella non o per perché più quale quando quella quello
        questa questo se senza si sono su sul sulla tra un una uno""",
    "pt": """a ao aos as até com como contra da das de do dos e é ela ele eles em entre era essa esse esta este foi há
        isso já mais mas não na nas no nos o onde os ou para pela pelo por porque qual quando que quem se sem ser seu
        sobre sua são também um uma""",
    "nl": """aan al als bij dan dat de deze die dit door een en er geen had heeft het hij hoe hun ik in is je kan maar
        met na naar niet nog nu of om onder ook op over te tegen tot tussen uit van voor waarom waar was wat we wie
        wordt zij zijn zo zonder""",
    "sv": """att av de den det där efter en ett från för ha han har hon hur i in inte jag kan med men mot när och om på
        sig som så till under ut vad var varför vem vi vid är""",
    "ru": """а без бы был была были быть в во где для до его ее если есть еще же за и из или их к как какие какой когда
        который кто ли между мы на над не нет ни но о об он она они от по под почему при про с со так также то у чем
        что это""",
    "vi": """bị các cho có của đã để đến được hay không là làm mà một ở như những nhưng sao sẽ tại thì trong từ và vào
        về với""",
}
_KEYS: Final = {language: frozenset(key(surface(word)) for word in words.split()) for language, words in _LISTS.items()}


def small_words(words: Sequence[str]) -> frozenset[str]:
    """Those of the words (keys) that are small words of the language that has most of them.

    A sentence is in one language: `die` is small in a German sentence only.

    >>> sorted(small_words("what is the effect of the sanctions".split()))
    ['is', 'of', 'the', 'what']
    >>> sorted(small_words("wie wirken die sanktionen gegen den iran".split()))
    ['den', 'die', 'gegen', 'wie']
    """
    asked = frozenset(words)
    return max((asked & known for known in _KEYS.values()), key=len)
