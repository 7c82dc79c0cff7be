"""Where a person lives and how far they would go: kinds of wordings, one by one."""

from __future__ import annotations

import time

import pytest

from models.reading.facts.canonical import MAX_CHARS, canonical
from models.reading.facts.person import person_facts
from models.reading.facts.where import home, moving


def home_of(text: str) -> str | None:
    fact = person_facts(text).ubigeo
    return fact.value if fact else None


@pytest.mark.parametrize(
    ("text", "ubigeo"),
    [
        # a home beside other places
        ("soy de chota pero vivo en jaen", "060801"),
        ("nací en Celendín y radico en Trujillo hace años", "130101"),
        ("trabajé en Talara, en Paita y en Sullana. Vivo en Sechura", "200801"),
        ("mi mamá vive en Chiclayo y yo en Pimentel", "140112"),
        ("tengo A2B, soy de tumán, me iría a olmos o motupe", "140120"),
        ("en motupe vivo y estudio en chiclayo", "140307"),
        ("de piura pero ahora en lima, los olivos", "150117"),
        # namesakes
        ("vivo en san marcos, cajamarca", "061001"),
        ("vivo en san marcos, huari", "021014"),
        ("vivo en la unión. busco trabajo en piura", "200110"),
        ("vivo en el cono sur de tacna", "230110"),
        ("vivo en santa rosa cerca a ancón", "150139"),
        # neighbourhoods, hamlets, short names
        ("vivo por moshoqueque", "140105"), ("toy en huaycan", "150103"),
        ("vivo en el progreso, chimbote", "021801"), ("sjl, mototaxista", "150132"),
        ("vivo en sta rosa d chiclayo", "140114"), ("vivo x pto malabrigo", "130206"),
        # misspelt
        ("vivo en karabayllo", "150106"), ("soi de komas", "150110"),
        ("vivo en ferrañafe", "140201"),
        ("vivo en chulukanas", "200401"), ("toy en trugillo", "130101"),
        # alone
        ("tambo grande cosecha de mango", "200114"), ("lambayeque, mozo", "140301"),
        ("barranca, pescador", "150201"), ("estoy alojada en ate", "150103"),
        ("cajabamba, chofer", "060201"), ("limpio casas. reque chiclayo", "140113"),
        ("Cocinera\nCatacaos\n45 años\nPollerías de Piura", "200105"),
        ("Secretaria en un colegio de Chachapoyas, donde vivo", "010101"),
        ("Edad: 26 / Distrito: José Leonardo Ortiz / Estudios: secundaria", "140105"),
        ("vivo en la comunidad de Yanahuara, distrito de Urubamba", "081301"),
        # no home, but where they look for work
        ("busco chamba en huancayo", "120101"), ("busco trabajo de cocinera x jaen", "060801"),
        ("quiero trabajar en tacna, soy de puno", "210101"),
        # Quechua and Aymara
        ("Manchaypi tiyani", "150123"), ("Juliacan utjta", "211101"),
        ("Ilave markan jakasta", "210501"),
        ("Panaupita kä", "100801"), ("Carhuazchaw taarä", "020601"),
        ("Yaulimanta kani, Huancavelica lawmanta", "090117"),
    ],
)  # fmt: skip
def test_home(text: str, ubigeo: str) -> None:
    assert home_of(text) == ubigeo


@pytest.mark.parametrize(
    "text",
    [
        "busco trabajo por lince o san isidro", "trabajé en un hotel de cusco", "nacido en ambo",
        "paramonga a lima manejo bus", "victoria, 30 años", "jesús maría quispe busco trabajo",
        "cámaras instaladas en ate",
        "mi hermana vive en tacna", "serums en palpa", "me voy a cañete o mala",
        "estudio en la universidad san luis gonzaga", "hablé con la sra victoria salas",
        "hago francés, yema, chancay, pan de piso", "quiero trabajar en mina", "vivo en el campo",
        "vivo en miraflores", "vivo en casa de mi hermana", "experiencia en Cusco, Arequipa, Puno",
        "Experiencia: hotel Costa del Sol, Piura\nGuía\nInglés\nFrancés", "soy santa maría quispe",
        "vivo en la region huanuco", "quiero ir a trabajar en arequipa",
        "busco chamba en la minera antamina",
        "busco trabajo, tengo experiencia en hoteles de cusco",
    ],
)  # fmt: skip
def test_no_home(text: str) -> None:
    assert home_of(text) is None


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("vivo en la provincia de cañete", "1505"), ("vivo en lima", "1501"),
        ("soy de lambayeque", "14"), ("soy del cono norte", "1501"),
        ("soy de la libertad", "13"), ("vivo en el vraem", "05"),
    ],
)  # fmt: skip
def test_an_area_where_the_words_settle_no_district(text: str, area: str) -> None:
    facts = person_facts(text)
    assert facts.ubigeo is None
    assert facts.region is not None
    assert facts.region.value == area


@pytest.mark.parametrize(
    ("text", "relocate", "anywhere"),
    [
        ("voy a donde sea si dan cuarto", True, None),
        ("donde haya trabajo me voy", True, True),
        ("Maymanpas risaqmi", True, True),
        ("disponibilidad para viajar a nivel nacional", True, True),
        ("me voy a otra provincia", True, None), ("Puede viajar: sí", True, None),
        ("Dispuesto a migrar: no", False, None), ("me voy a lima sin problema", True, None),
        ("Me iría a trabajar a Ica con contrato", True, None),
        ("iría a un fundo donde nos den vivienda", True, None),
        ("cualquier provincia está bien", True, True),
        ("no quiero volver a salir, prefiero algo por acá", False, None),
        ("voy a lima todos los dias sin problema", None, None),
        ("dispuesta a mudarme", True, None),
        ("no tengo problema en vivir en campamento", True, None),
        ("si ponen alojamiento voy a olmos", True, None),
        ("salgo a campo en cualquier provincia de Apurímac", None, None),
        ("puedo ir a lima todos los días", None, None), ("me gusta viajar", None, None),
        ("disponibilidad inmediata", None, None), ("no puedo salir de noche", None, None),
        ("de acá no me puedo mudar", False, None),
        ("más lejos todavía no quiero irme", False, None),
        ("no acepto trabajo fuera de piura", False, None), ("prefiero no mudarme", False, None),
        ("viajar a provincia no puedo", False, None), ("solo busco en mi distrito", False, None),
        ("manam riyta atinichu", False, None),
        ("voi dond manden", True, True), ("me embarco para cualquier puerto", True, True),
        ("me puedo ir con mi señora", True, None), ("cualkier mina me voy", True, True),
        ("si la empresa da alojamiento, me voy a Neshuya", True, None),
        ("si hay para olmos tb me voy", True, None),
        ("si es río adentro, también voy", True, None),
        ("si hay en jaén también voy", None, None), ("puedo ir al vraem x temporada", True, None),
        ("dispuesto a quedarme en lima", True, None),
        ("dispuesto a quedarme en el turno", None, None),
        ("régimen 20x10, cualquier unidad minera", True, None),
        ("no quiero ir lejos", None, None), ("prefiero no viajar lejos", None, None),
        ("no me voi a otro lado", False, None), ("no quiero dejar el Callejón", False, None),
        ("no dispongo de traslado a otra ciudad", False, None),
        ("no pienso salir de tarma", False, None), ("no puedo dejar la casa", None, None),
    ],
)  # fmt: skip
def test_moving(text: str, relocate: bool | None, anywhere: bool | None) -> None:
    facts = person_facts(text)
    assert (facts.relocate and facts.relocate.value) == relocate
    assert (facts.anywhere and facts.anywhere.value) == anywhere


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("hasta 5 km a la redonda", 5.0), ("no más de 10 kilómetros de mi casa", 10.0),
        ("a no más de una hora de viaje", 30.0), ("maximo media hora en combi", 15.0),
        ("no mas de 30 minutos caminando", 2.5), ("cerca nomas", 10.0),
        ("no quisiera trabajar a más de 8 km de mi casa", 8.0),
        ("km 11 de la panamericana", None), ("manejo 300 km al dia", None),
        ("2 horas de almuerzo", None),
    ],
)  # fmt: skip
def test_distance(text: str, km: float | None) -> None:
    fact = person_facts(text).max_distance_km
    assert (fact and fact.value) == km


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("solo puedo trabajar desde mi casa", True), ("SOLO TRABAJO REMOTO", True),
        ("busco trabajo remoto", True), ("solo puedo trabajar de manera virtual", True),
        ("costura para hacer en casa nomás", True), ("solo clases virtuales llevé", None),
        ("puedo coser en mi casa o ir al taller", None),
        ("si se puede trabajar desde casa también", None), ("cuido mi casa", None),
    ],
)  # fmt: skip
def test_only_from_home(text: str, only: bool | None) -> None:
    fact = person_facts(text).remote_only
    assert (fact and fact.value) == only


@pytest.mark.parametrize(
    "piece",
    [
        "1 2 3 ", "lima ", "lima, comas, san juan, ", "soy de ", "vivo en ",
        "san ", "de ", "(", "\nlima\n",
        "no quiero ir ", "si me dan cuarto ", "donde sea ", "vivo en zzzzz karabaillo ",
        "limapi tiyani manta kani ", "x", ". ", " ", "hago pan en la ",
    ],
)  # fmt: skip
def test_hostile_texts_cost_no_more_than_their_first_letters(piece: str) -> None:
    words = canonical(piece * (200_000 // len(piece)))
    assert len(words.written) == MAX_CHARS
    home.person(canonical("vivo en lima"))  # dictionaries are built at first use
    start = time.process_time()
    home.person(words)
    moving.person(words)
    assert time.process_time() - start < 2.0
