"""Reading or not reading a text: errors are counted on texts written for it."""

from __future__ import annotations

import time

import pytest

from models.reading.language import assess

READABLE = """
toy buscando chamba de lo q sea
cualquier trabajo
lo que haya
limpio casas, plancho
kosinera kn xperiensia
busco chamba d gasfitero dstoro caños y termas
alvañil tarajeo i enchape x dia o x obra
manejo mototaxi 6 años, tengo brevete
cobrador d combi o lo q salga
remayista busko trabajo tb hago rekubierto
armo ropero closet i canteo melamina
cuido abuelitos d noche
sapatero armo i pego kalzado
campaña d uva o sparrago en ica
fileteo pescado, pelo pota
vijilante kn sucamec al dia
descargo camiones d papa y cebolla
cortes laseado tinte y sejas
barro calles y parques
nesecito trabajar urjente soi fuerte
no tengo experiencia pero aprendo rapido
soy mama sola necesito un ingreso puedo cocinar
en lo que pueda ayudar, tengo fuerza
trabajo x horas
se coser
pinto
jardinero
chofer A2B
vendo emoliente en la noche
llamkayta maskachkani campaña d uva, chakra yachani
ima llamkaypas kachun, trabajo en lo que sea
ordeño vacas y hago queso
pico y pala
parcho llantas
formateo laptops y arreglo impresoras
hago tortas y bocaditos
lavo ropa a mano
cargo sakos dsd las 3am
reparto en bicicleta
motokarrista busco turno
ayudant d kosina
estudie contabilidad en un instituto
tejo chompas a palito
crio cuyes y gallinas
albañil
cuidar niños
ando de peon en la chakra
maestro d obra
se manejar excel y atender publico
plomero electricista pintor
quiero aprender mecanica
vendedora de ropa en gamarra
trabaje en mina 2 años
perforista
cajera de minimarket
toy desempleado
me quede sin trabajo en la pandemia
wasi pichay, yanuy, planchar, todo hago
pongo mayolica
shiringuero en madre de dios
tengo mi triciclo
soy honrado, madrugo, cualquier cosa hago
lo q sea porfa
guardian de obra
hablo quechua y castellano, vendo en feria
puedo viajar a los fundos
""".strip().splitlines()

NO_WORK = """
hola como estas
feliz cumpleaños
asdfgh
buenos dias
hola
buenas tardes señorita
gracias
muchas gracias por su mensaje
que hora es
quien eres
te quiero mucho mi amor
jajajaja
feliz navidad para todos
dios los bendiga
si
no gracias
ok esta bien
quien gano el partido
mañana llueve
me gusta el futbol
alianza campeon
donde estan
no entiendo
qwerty uiop
lalalalala
por favor responda
hola hola hola
mi mama se llama rosa
vivo en comas con mi familia
cuanto cuesta el pasaje
llamame
buenas noches
que lindo dia
tengo hambre
mi perro esta enfermo
cual es tu nombre
xxxxxxxx
prueba prueba prueba
esto es una prueba
saludos a todos
te amo
como te llamas tu
viva el peru
""".strip().splitlines()

# Written after the rules were, and never used to change a word list.
LATER_READABLE = """
soy de piura se pescar
kiero trabajo d noche
ayudante d panadero
cargo ladrillos y arena
se poner ceramica
motorisado con moto propia
limpio ventanas d edificios
atiendo en farmacia
corto pelo y barba
preparo desayunos
lavo y plancho x kilo
manejo tractor
corte d caña
despulpado d mango
descabezo langostino
soldar rejas i puertas
arreglo lavadoras
electrico d carros
costurera d lenceria
hago piñatas y decoro fiestas
doy clases d mate
traigo leña del monte
jardines y piscinas
cuido fincas
vigilo autos
bordo a maquina
cocinera de mina
camarero d hotel
cosecho palta
aprendiz de lo que sea
mama de 3 hijos urge trabajar
embolsar en super
guio turistas ingles basico
tec en computacion
secretaria con excel
hago empanadas
fumigo chacras
sembrar papa y ordeñar
pelo cables
apoyo en almacen
""".strip().splitlines()

LATER_NO_WORK = """
buenas
que descanses
feliz año nuevo
tu foto esta bonita
el examen estuvo dificil
se me malogro el celular
ya llegue
ven a mi casa
hay misa el domingo
nos vemos mañana
cuidate mucho
que rico almuerzo
donde compraste eso
no me llego el mensaje
equivocado
disculpe la molestia
gol de peru
te espero en la esquina
mi abuelita fallecio
hace mucho frio
jajaja que risa
ññññññ
asd asd asd
123 probando
quien habla
tengo sueño
mi novio me dejo
vamos a la playa
la luna esta llena
viva la vida
dame tu numero
esta lloviendo en cusco
felicidades por tu bebe
perdon no era para ti
oki doki
buen dia con todos
y tu que cuentas
me gustas
no puedo hablar ahora
dios es grande
""".strip().splitlines()

QUECHUA = """
imaynallam kachkanki
allin punchaw taytay
ñuqaqa ayacuchomanta kani
llamkayta maskachkani
llank'ayta munani
wasiyqa karupim
manam qullqiy kanchu
yanuyta yachani, wasitapas pichani
wawakunata qawayta yachani
chakrapi llamkayta yachani
maypitaq llamkay kan
yanapaykuway ama hina kaspa
kunan punchaw manam mikurqanichu
papata sarata tarpuniku
warmiyqa unqusqam kachkan
""".strip().splitlines()

AYMARA = """
kamisaraki jilata
nayax irnaqaña munta
naya irnaqañ thaqasktwa
kunjamasktasa
janiw qullqijax utjkiti
utaxan wawanakaw utji
nayax phayaña yatta
walikiw jilata
uywanak awatiña yattwa
jichhürux janiw manq'ktti
""".strip().splitlines()


def test_street_texts_are_read() -> None:
    assert len(READABLE) >= 60
    assert [text for text in READABLE if not assess(text).readable] == []


def test_texts_without_work_are_not_ranked() -> None:
    assert len(NO_WORK) >= 40
    assert [text for text in NO_WORK if assess(text).why not in ("no_work", "no_words")] == []


def test_few_texts_that_the_rules_were_not_made_for_are_misread() -> None:
    unread = [text for text in LATER_READABLE if not assess(text).readable]
    read = [text for text in LATER_NO_WORK if assess(text).readable]
    assert len(unread) <= 0.05 * len(LATER_READABLE), unread
    assert len(read) <= 0.1 * len(LATER_NO_WORK), read


@pytest.mark.parametrize("text", ["soy vigilnate", "soy albañli", "puedo ser vonero"])
def test_a_slip_of_a_letter_and_a_frame_are_read(text: str) -> None:
    assert assess(text).readable


@pytest.mark.parametrize(("texts", "language"), [(QUECHUA, "qu"), (AYMARA, "ay")])
def test_other_languages_are_told_apart(texts: list[str], language: str) -> None:
    found = [assess(text) for text in texts]
    assert [text for text, said in zip(texts, found, strict=True) if said.readable] == []
    named = sum(said.why == "language" for said in found)
    assert named >= 0.9 * len(texts)
    assert sum(said.language == language for said in found) >= 0.7 * len(texts)


@pytest.mark.parametrize("text", ["", "  ", "12 34", "a b", "?!", "😀"])
def test_a_text_without_words_says_so(text: str) -> None:
    assert assess(text).why == "no_words"


def test_fast() -> None:
    """Well under a millisecond a text, so that a restart never waits for it."""
    texts = [f"{text} {n}" for n in range(5) for text in READABLE]
    assess(texts[0])
    start = time.thread_time()
    for text in texts:
        assess(text)
    assert (time.thread_time() - start) / len(texts) < 1e-3
