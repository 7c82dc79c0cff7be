"""The gate: what it holds, what it must not hold, and that it says the same everywhere."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import string
import subprocess
import sys
import time
from importlib import resources
from typing import Any

import pytest

from models.evaluation.vetting import Labelled, Share, labelled, measure
from models.ranking import duplicates
from models.vetting import alike, concepts, gate, hearing, law, minors, signs
from models.vetting.gate import GATE_VERSION, Finding, vet
from models.vetting.words import CODES, MEND, advice_of, words
from schemas.job import Job

RULES = {"gate-7": "a8cd75a9131db273"}
"""What the rules of each version hash to; see test_rules_that_change_need_a_new_version."""


def _job(title: str, description: str | None = None, **fields: Any) -> Job:
    return Job(job_id="x", title=title, description=description, **fields)


def _codes(title: str, description: str | None = None, **fields: Any) -> set[str]:
    return {reason.code for reason in vet(_job(title, description, **fields)).reasons}


STRONG = (
    ("fee", "Auxiliar de almacén", "Para separar tu vacante deposita S/ 40 por Yape"),
    ("fee", "Operario", "Primero deposita 30 soles"),
    ("papers", "Ayudante", "Te retenemos el DNI hasta el final"),
    ("sexual", "Señoritas", "Damas de compañía para ejecutivos"),
    ("debt", "Peones", "Le damos adelanto y no puede salir hasta pagar la deuda"),
    ("scheme", "Asesor", "Deposita USDT y gana"),
    ("code", "Validador", "Envíanos el código que te llega por mensaje"),
    ("account", "Asistente", "Recibes depósitos en tu cuenta y los pasas a otra"),
    ("account", "Gerente", "Sacas celulares en cuotas con tu DNI y nos los entregas"),
    (
        "parcel",
        "Receptor",
        "Recibe paquetes en tu casa, cambia la etiqueta y despáchalos por agencia",
    ),
    ("papers", "Peón", "Se dejan celular y documentos con el administrador"),
    ("debt", "Costurera", "Los tres primeros meses van para pagar lo que gastamos"),
    ("fee", "Guardia", "El costo del examen lo asume el postulante"),
    ("parcel", "Mensajero", "Llevar un paquete sin preguntar qué es"),
    ("crime", "Cobrador", "Préstamos gota a gota"),
)


@pytest.mark.parametrize(("code", "title", "description"), STRONG)
def test_strong_signs_hold_alone(code: str, title: str, description: str) -> None:
    verdict = vet(_job(title, description, employer="Empresa Tal SAC"))
    assert verdict.held
    assert code in {reason.code for reason in verdict.reasons}
    assert verdict.risk >= 0.5


@pytest.mark.parametrize(
    "description",
    [
        "No cobramos inscripción ni uniforme",
        "Nunca deposite 40 soles para postular",
        "No retenemos tu DNI",
        "La empresa paga el examen médico y el uniforme es gratis",
        "La empresa pone pasajes y hotel; el examen médico también lo paga la empresa",
        "El curso y el carné los paga la empresa, igual que el uniforme",
        "Depósito de tu sueldo en cuenta. Si te piden yapear por uniforme, es estafa",
        "Recibir paquetes del mostrador, etiquetar y despachar por agencia",
        "Entregamos un casillero para el celular durante el turno",
        "Transferencias a proveedores y depósitos del día en las cuentas de la empresa",
        "Traer copia de DNI. Hospedaje y pasajes cubiertos. Ingreso inmediato",
        "Escribir al WhatsApp, sin experiencia, urgente, con alojamiento",
        "Se paga por transferencia los sábados",
    ],
)
def test_weak_or_denied_signs_hold_no_ad(description: str) -> None:
    assert not vet(_job("Ayudante de cocina", description, employer="Pollería Tal")).held


def test_weak_signs_hold_together() -> None:
    weak = "Dinero fácil, sin experiencia, urgente, solo WhatsApp"
    assert not vet(_job("Ayudante", "Sin experiencia, urgente, WhatsApp", employer="Tal")).held
    verdict = vet(_job("Ayudante", weak, pay_max=6000, pay_period="month"))
    assert verdict.held
    assert {"easy", "pay", "unnamed"} <= {reason.code for reason in verdict.reasons}


def test_words_like_those_of_risky_ads_count_and_name_no_word() -> None:
    """A kit to buy in words that no pattern knows, beside a workshop's own."""
    kit = (
        "Tú inviertes en los insumos la primera vez, armas en tu hogar y la caja vuelve a nosotros"
    )
    verdict = vet(_job("Manualidades", kit))
    assert {reason.code: reason.facts for reason in verdict.reasons}["alike"] == {}
    text = signs.words_of(_job("Operario", "Taller de cartón, armado de cajas en planta"))
    assert alike.likeness(text) < -1


def test_words_alone_read_stems_and_pairs_within_a_sentence() -> None:
    assert alike.stems(" deposita 40 soles . hoy") == {
        "depos", "#", "soles", "hoy", "depos #", "# soles",
    }  # fmt: skip
    shares = alike.features(" deposita 40 soles . hoy")
    assert shares["depos"] == pytest.approx(6**-0.5)
    assert shares["=sum&youpay"] == shares["=sum"] != shares["depos"], "each group is one whole"
    assert alike.likeness("") == alike.weights()[alike.BIAS]


def test_an_ad_that_says_nothing_of_itself_weighs_as_a_sign() -> None:
    easy = "Dinero fácil, llamar"
    held = vet(_job("Trabajo", easy))
    assert held.action == "hold"
    assert "vague" in {reason.code for reason in held.reasons}
    for known in ({"employer": "Imprenta Tal"}, {"place": "Comas, Lima"}, {"ubigeo": "150110"}):
        assert vet(_job("Trabajo", easy, **known)).risk < held.risk, known
    assert not vet(_job("Ayudante de cocina")).held, "little said is no reason by itself"


BOUND = (
    ("debt", "Se presta para herramientas, y las paga con tres faenas"),
    ("debt", "Salen en la chata del patrón solo los que ya no tienen cuenta pendiente"),
    ("fee", "El arancel es de S/ 35, en la cuenta de la tesorera"),
    ("fee", "La gorra y el chaleco de la tienda los paga el trabajador"),
    ("fee", "El chaleco son S/ 40 que se abonan al firmar"),
    ("lure", "Traiga la tarjeta de propiedad y las dos llaves de su auto"),
    ("crime", "Cargar fardos por el río, no por el puente, porque ahí está la aduana"),
    ("scheme", "Se explica el plan de compensación por niveles"),
)
"""Who binds, charges or hides, whatever the trade."""


@pytest.mark.parametrize(("code", "description"), BOUND)
def test_loans_charges_and_routes_hold_alone(code: str, description: str) -> None:
    verdict = vet(_job("Ayudante", description, employer="Empresa Tal SAC"))
    assert verdict.held
    assert code in {reason.code for reason in verdict.reasons}


@pytest.mark.parametrize(
    ("code", "honest", "risky"),
    [
        ("fee", "La contratista lo registra y paga el curso", "Usted se registra y paga el curso"),
        ("fee", "El curso no cuesta nada", "El curso cuesta poco"),
        ("papers", "El pasaporte se queda con usted", "El pasaporte se queda con la señora"),
        ("papers", "La empresa entrega celular y línea", "Se entrega el celular al llegar"),
        ("kept", "Armado de escenario, se paga al terminar el evento", "Se paga al terminar"),
        ("kept", "El casco lo devuelves si te vas y no se descuenta", "Si te vas no se paga"),
        ("photos", "Enviar fotos de sus certificados", "Enviar fotos tuyas"),
        ("border", "Chile, contrato firmado en origen", "Chile, contrato allá"),
        (
            "debt",
            "Adelanto que se descuenta en dos meses; puede renunciar con 30 días de aviso",
            "Adelanto que se descuenta en dos meses",
        ),
        ("crime", "Pasar por el puente, no por la trocha", "Llevar mercurio por trocha"),
    ],
)
def test_who_pays_keeps_and_leaves_is_read(code: str, honest: str, risky: str) -> None:
    assert code not in signs.found_in(signs.words_of(_job("Ayudante", honest)))
    assert code in signs.found_in(signs.words_of(_job("Ayudante", risky)))


def test_words_alone_hold_no_ad_that_says_it_asks_for_nothing() -> None:
    text = (
        "Tú inviertes en los insumos la primera vez, armas en tu hogar, la caja vuelve a nosotros"
    )
    said = {
        more: {r.code for r in vet(_job("Manualidades", text + more, employer="Tal")).reasons}
        for more in ("", ". No hay que dejar garantía")
    }
    assert said[""] == {"alike"}
    assert not said[". No hay que dejar garantía"]
    assert vet(_job("Manualidades", "No cobramos. Deposita S/ 40 por tu vacante")).held


@pytest.mark.parametrize(
    ("code", "title", "description"),
    [
        ("kept", "Ayudante", "Los primeros 20 días son de prueba y no se paga"),
        ("kept", "Agente", "El primer sueldo queda en la empresa hasta que renuncies"),
        ("minor", "Tripulante", "Recibimos chicos de 15, 16 para jalar pota de noche"),
        ("minor", "Peones", "Vengan con sus hijos, los menores cargan ladrillo"),
        ("papers", "Recolectora", "El encargado junta los DNI y las tarjetas de todas"),
        ("lure", "Asistente", "Entrevista el sábado 9 pm en suite 704, venga sola"),
        ("body", "Joven sana", "Vientre de alquiler, todo pagado"),
        ("border", "Guardias", "Bono y contrato en Rusia, se firma al llegar"),
        ("fee", "Chofer", "Dejas 300 de garantía por la moto"),
        ("scheme", "Promotoras", "Metes 100 y sacas 700 cuando traes a dos amigas"),
    ],
)
def test_mechanisms_whatever_the_trade(code: str, title: str, description: str) -> None:
    verdict = vet(_job(title, description, employer="Empresa Tal SAC"))
    assert verdict.held
    assert code in {reason.code for reason in verdict.reasons}


@pytest.mark.parametrize(
    "description",
    [
        "Talleres para chicos de 8 a 15 años en enero",
        "Verificamos tu DNI y te lo devolvemos en el acto",
        "El empleador paga visa y pasaje; está prohibido cobrar al trabajador",
        "Acompañar a mi abuelita, dama de compañía por las tardes",
        "Semana de prueba pagada igual que las demás",
        "Desde 16 años con permiso de sus padres, de 8 a 12, embolsar útiles",
    ],
)
def test_honest_ads_that_share_words_with_fraud_pass(description: str) -> None:
    assert not signs.found_in(signs.words_of(_job("Aviso", description))).keys() & {
        "fee", "papers", "sexual", "kept",
    }  # fmt: skip
    assert not vet(_job("Ayudante", description, employer="Empresa Tal SAC")).held


def test_a_warning_denies_what_it_and_the_sentence_before_it_speak_of() -> None:
    warned = {name for _, name in concepts.found(" uniforme . es estafa . yapea")}
    assert {"!dues", "youpay"} <= warned
    assert "dues" in {name for _, name in concepts.found(" uniforme . no es estafa")}


def test_an_ad_that_names_no_work_waits_unless_its_words_name_a_place() -> None:
    nothing = "Buen pago diario, llamar"
    assert vet(_job("Trabajo serio", nothing)).held
    assert not vet(_job("Trabajo serio", f"{nothing}. En Huancayo")).held
    assert not vet(_job("Ayudante de cocina", "Llamar")).held


def test_what_words_are_like_counts_weak_signs_once() -> None:
    weak = "Ingreso inmediato, sin experiencia, escribir al WhatsApp"
    assert not vet(_job("Operario de imprenta", weak, place="Comas, Lima")).held


def test_danger_that_an_ad_denies_is_none() -> None:
    young = {"employer": "Vivero Tal", "min_age": 15}
    assert not vet(_job("Ayudante", "Embolsar tierra. No se trabaja con químicos", **young)).held
    assert vet(_job("Ayudante", "Fumigar con químicos", **young)).held


@pytest.mark.parametrize(
    ("description", "requirements", "code"),
    [
        ("Caramelos en los buses", "De 9 a 13 años", "law_child"),
        ("Atender mesas en cantina", "15 a 17", "law_minor"),
        ("Chiquito que maneje mototaxi, 14 años en adelante", None, "law_minor"),
        ("Ayudar con tareas a niñas de 8 y 10 años", "De 18 a 30 años", None),
        ("Vender en tienda", "De 9 a 18 horas", None),
    ],
)
def test_minors_in_words(description: str, requirements: str | None, code: str | None) -> None:
    verdict = vet(_job("Aviso", description, requirements=requirements, employer="Tal"))
    codes = {reason.code for reason in verdict.reasons} & {"law_child", "law_minor"}
    assert codes == (set() if code is None else {code})


def test_good_pay_with_experience_is_no_sign() -> None:
    high = {"pay_max": 7000, "pay_period": "month"}
    urgent = "Ingreso inmediato, dinero fácil, solo por WhatsApp"
    assert "pay" in _codes("Ayudante", urgent, **high)
    assert "pay" not in _codes("Ayudante", urgent, **high, experience_years=3)
    assert "pay" not in _codes("Ayudante", f"{urgent}. Con 3 años de experiencia", **high)
    assert "pay" in _codes("Ayudante", f"{urgent}. Sin experiencia previa", **high)


EXCLUDES = (
    ("law_sex", "Solo varones"),
    ("law_sex", "Se necesita señorita para tienda. Atención a damas y caballeros"),
    ("law_sex", "Sexo: Femenino"),
    ("law_age", "Edad máxima 30 años"),
    ("law_age", "Edad: 20 - 32 años"),
    ("law_looks", "Buena presencia"),
    ("law_looks", "De tez clara"),
    ("law_looks", "No provincianos"),
    ("law_sex", "Ayudante mujer joven de 20 a 35"),
    ("law_family", "Personas sin hijos"),
    ("law_family", "Sin carga familiar"),
    ("law_family", "Se pedirá prueba de embarazo"),
    ("law_origin", "No se aceptan venezolanas"),
    ("law_origin", "Solo peruanos"),
    ("law_belief", "De preferencia evangélica"),
    ("law_belief", "No sindicalizados"),
    ("law_health", "Sin discapacidad"),
    ("law_health", "Descarte de VIH"),
)


@pytest.mark.parametrize(("code", "description"), EXCLUDES)
def test_ads_that_exclude_are_matched_and_advised(code: str, description: str) -> None:
    verdict = vet(_job("Aviso de trabajo", description, employer="Tal SAC"))
    assert verdict.action == "advise"
    assert code in {reason.code for reason in verdict.reasons}
    assert not verdict.held


@pytest.mark.parametrize(
    "description",
    [
        "Varones y mujeres",
        "Señor(a) para limpieza",
        "Se busca chico/a para tienda",
        "Se requiere dama o varón",
        "Operario/a de ambos sexos",
        "Mayores de 18 años",
        "Enseñar a niños de 6 a 12 años",
        "Ropa para damas y caballeros",
        "Experiencia de 20 a 25 meses, nombres y apellidos en el CV",
        "Clases de vóley para chicos de 12 a 16 años",
        "Familia sin hijos busca cocinera",
        "Asignación familiar por hijos",
        "Con o sin carga familiar",
        "Consulta sin compromiso",
        "Estado civil indistinto",
        "Personas con discapacidad: bonificación de 15 %",
        "Gozar de buena salud física y mental",
        "Profesor de educación religiosa católica para colegio católico",
        "Parroquia busca catequista, de preferencia católico",
        "Restaurante de comida venezolana",
        "Peruanos y extranjeros con permiso de trabajo",
        "Solo nacional: envíos a provincia",
        "Sin antecedentes penales, policiales ni judiciales",
    ],
)
def test_neutral_words_exclude_nobody(description: str) -> None:
    assert vet(_job("Aviso de trabajo", description, employer="Tal SAC")).action == "match"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": "Mozo", "min_age": 17, "shift": "night"}, "law_minor"),
        ({"title": "Ayudante de mina", "min_age": 16}, "law_minor"),
        ({"title": "Trabajo del hogar", "min_age": 15}, "law_minor"),
        ({"title": "Vendedor", "min_age": 13}, "law_child"),
        ({"title": "Vendedor", "min_age": 16}, None),
        ({"title": "Vigilante nocturno", "min_age": 18, "shift": "night"}, None),
    ],
)
def test_minors(fields: dict[str, Any], code: str | None) -> None:
    verdict = vet(_job(**fields, employer="Tal SAC"))
    assert {reason.code for reason in verdict.reasons} == (set() if code is None else {code})
    assert verdict.action == ("match" if code is None else "hold")


@pytest.mark.parametrize(
    "written",
    [
        "PARA SEPARAR TU VACANTE DEPOSITA S/ 40",
        "para separar tu bacante depocita 40 soles",
        "para separar tu vacanteee deposita 40 soles 💰💰",
        "para separar tu v a c a n t e deposita s/40.00",
    ],
)
def test_spelling_hides_nothing(written: str) -> None:
    assert "fee" in _codes("Operario", written, employer="Tal SAC")


def test_what_comes_last_is_read() -> None:
    filler = "Buen clima de trabajo. " * 5_000
    assert "fee" in _codes("Operario", f"{filler} Para tu vacante deposita S/ 40")


def test_longest_ads_are_bounded() -> None:
    longest = "pagar de " * 22_000
    started = time.process_time()
    vet(_job("Aviso", longest, requirements=longest))
    assert time.process_time() - started < 3.0


def test_sounds_that_two_words_share_are_no_guess() -> None:
    spelt = hearing.heard([r"\b(?:vacante|cobro|bacante)\b"])
    assert "vacante" not in spelt.values()
    assert hearing.put_right("el kobro", spelt) == "el cobro"


_PROBE = """
import sys
from models.evaluation.vetting import labelled
from models.vetting.gate import vet
for ad in labelled("dev"):
    print(vet(ad.job))
"""


@pytest.mark.weights  # it starts processes, though it loads none
def test_every_process_says_the_same() -> None:
    said = [
        subprocess.run(
            [sys.executable, "-c", _PROBE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "1")
    ]
    assert said[0] == said[1]
    assert "action='hold'" in said[0]


def _rules() -> str:
    """A hash of all patterns, points and limits, and of what they say of the ads in this file."""
    folder = resources.files("models.data")
    tables = ((folder / f"risk_{name}.tsv").read_text("utf-8") for name in ("signs", "lexemes"))
    rows = [line for table in tables for line in table.splitlines() if not line.startswith("#")]
    patterns = [pattern.pattern for pattern in law.patterns()]
    numbers = {
        f"{module.__name__}.{name}": value
        for module in (gate, law, minors, signs, hearing, alike, concepts)
        for name, value in sorted(vars(module).items())
        if isinstance(value, int | float | frozenset | re.Pattern) and name != "__warningregistry__"
    }
    told = [sorted(v) if isinstance(v, frozenset) else v for v in numbers.values()]
    told = [v.pattern if isinstance(v, re.Pattern) else v for v in told]
    verdicts = [vet(_job(title, text)) for _, title, text in STRONG]
    verdicts += [vet(_job("Aviso de trabajo", text)) for _, text in EXCLUDES]
    whole = repr((rows, patterns, list(numbers), told, verdicts, sorted(alike.weights().items())))
    return hashlib.blake2b(whole.encode(), digest_size=8).hexdigest()


def test_rules_that_change_need_a_new_version() -> None:
    """Bump gate.GATE_VERSION and write the new hash here: every ad is then vetted anew."""
    assert {GATE_VERSION: _rules()} == RULES


def test_a_thing_that_is_paid_for_does_not_pay() -> None:
    """«El uniforme se paga antes» once read as if the uniform paid."""
    assert vet(_job("Lavandería", "El uniforme se paga antes: S/ 120 por depósito.")).held
    assert not vet(_job("Lavandería de hotel", "El uniforme lo paga la empresa.")).held


def test_signs_of_fraud_hold_an_ad_that_also_excludes() -> None:
    verdict = vet(_job("Solo señoritas", "Para separar tu vacante deposita S/ 40 por Yape"))
    assert verdict.action == "hold"
    assert {"fee", "law_sex"} <= {reason.code for reason in verdict.reasons}


def test_an_employer_is_told_what_to_change() -> None:
    said = advice_of([Finding("law_age", {"most": 30}), Finding("law_sex", {})])
    assert "30 años" in said
    assert "sin decir hombre o mujer" in said
    assert said.endswith("Lo pide la Ley 26772.")
    both = advice_of([Finding("law_age", {"most": 30}), Finding("law_health", {})])
    assert both.endswith("Lo pide la Ley 26772. Lo pide la Ley 29973.")
    assert advice_of([Finding("fee", {}), Finding("law_minor", {"age": 15, "why": "x"})]) == ""
    assert set(MEND) == law.WORDING


def test_every_reason_has_a_sentence() -> None:
    facts: dict[str, str | int | float] = {"pay": 5000, "most": 30, "age": 15, "why": "de noche"}
    for code in CODES:
        said = words(Finding(code, facts))
        assert said.endswith(".")
        assert not set(said) & set("{}")
    codes = {sign.code for sign in signs.shipped()} | {"alike", "pay", "unnamed", "vague"}
    codes |= law.WORDING | {"law_child", "law_minor"}
    assert codes == set(CODES)


def test_reasons_quote_nothing_of_the_ad() -> None:
    number = "900000999"
    job = _job("Modelo", f"Manda tu foto en bikini y deposita S/ 40 por tu vacante al {number}")
    verdict = vet(job)
    assert verdict.held
    assert number not in repr(verdict)
    assert all(
        not isinstance(v, str) or v in _WHY for r in verdict.reasons for v in r.facts.values()
    )


_WHY = {"de noche (Ley 27337)", "peligroso (D.S. 009-2022-MIMP)", "del hogar (Ley 31047)"}


def test_dev_half() -> None:
    result = measure(labelled("dev"), lambda job: vet(job).held)
    assert result.recall.value >= 0.97
    assert result.precision.value >= 0.97


def test_ads_of_a_third_hand() -> None:
    ads = list(labelled("third"))
    held = [ad for ad in ads if vet(ad.job).held]
    assert sum(ad.risky for ad in ads) == 80
    assert sum(ad.risky for ad in held) >= 78
    assert sum(ad.lookalike for ad in ads) == 60
    assert sum(ad.lookalike for ad in held) <= 2
    assert not [ad for ad in held if not ad.risky and not ad.lookalike]


def test_ads_of_a_fourth_hand_that_nobody_mended_by() -> None:
    ads = list(labelled("fourth"))
    held = [ad for ad in ads if vet(ad.job).held]
    assert sum(ad.risky for ad in ads) == 80
    assert sum(ad.risky for ad in held) >= 76
    assert sum(ad.lookalike for ad in held) <= 4
    assert sum(not ad.risky and not ad.lookalike for ad in held) <= 3


def test_halves_are_large_and_apart() -> None:
    halves = [list(labelled(half)) for half in ("dev", "held", "apart", "third", "fourth")]
    ads = [*itertools.chain(*halves)]
    assert sum(ad.risky for ad in ads) >= 110
    assert sum(not ad.risky for ad in ads) >= 420
    assert len({ad.job.job_id for ad in ads}) == len(ads)
    signatures = [s for ad in ads if (s := duplicates.signature(ad.job))]
    assert not [1 for a, b in itertools.combinations(signatures, 2) if duplicates.same(a, b)]


def test_shares_and_their_intervals() -> None:
    low, high = Share(8, 10).interval  # Wilson, to four digits: 0.4902, 0.9433
    assert (round(low, 4), round(high, 4)) == (0.4902, 0.9433)
    ads = [Labelled("hold" if risky else "match", kind, _job(kind)) for risky, kind in
           ((True, "a"), (True, "b"), (False, "c"), (False, "d"))]  # fmt: skip
    result = measure(ads, lambda job: job.title in ("a", "c"))
    assert (result.precision.hits, result.precision.of) == (1, 2)
    assert (result.recall.hits, result.recall.of) == (1, 2)
    assert (result.false_alarms.hits, result.false_alarms.of) == (1, 2)
    assert result.missed == {"b": 1}


def test_patterns_are_of_plain_text() -> None:
    """Text is plain lower case: a pattern with an accent or a capital could never match."""
    letters = set(string.ascii_lowercase)
    found = (*(sign.pattern for sign in signs.shipped()), *law.patterns())
    for pattern in found:
        words_in = pattern.pattern.replace(r"\S", "").replace(r"\W", "").replace(r"\B", "")
        assert {c for c in words_in if c.isalpha()} <= letters, pattern.pattern


def test_points_say_how_much(monkeypatch: pytest.MonkeyPatch) -> None:
    job = _job("Trabajo", "Dinero fácil, llamar", employer="Tal")
    risk = vet(job).risk
    assert 0 < risk < 0.5
    monkeypatch.setattr(gate, "HELD_AT", 10)
    assert vet(job).held
