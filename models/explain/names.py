"""Personal names that are common in Peru, for finding a name that no cue word announces."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FIRST: Final = _words(
    """
    abel abraham adela adelaida adolfo adrian agustin alan alberto alejandra alejandro alex
    alexander alexandra alfonso alfredo alicia alonso alvaro amanda amelia ana anabel anali
    andrea andres angela angelica anibal antonia antonio armando arturo aurelia aurelio
    beatriz benito benjamin bertha betty blanca brayan brenda bruno bryan carla carlos
    carmen carolina catalina cecilia cesar christian cinthia clara claudia claudio clemente
    cristian cristina cynthia daniel daniela dario david delfina delia diana diego dina
    dionisio dora doris edgar edith edson eduardo edwin efrain elena eleodoro eliana elias
    elizabeth elmer elsa elva elvira emilia emilio emma enrique epifania erick erika ernesto
    esteban esther eugenia eugenio eulogio eusebia eva evelyn fabian fabiola faustino
    felicitas felipe felix fermin fernanda fernando fidel flavio flor florencio fortunata
    francisca francisco franklin freddy fredy gabriel gabriela genaro gerardo gilberto
    giovanna gladys gloria gonzalo graciela gregorio grover guadalupe guillermo gustavo
    heber hector henry herlinda hermelinda hernan hilario hilda honorato hugo humberto
    ignacio ines ingrid irene iris irma isaac isabel isidro ismael ivan jacinto jackeline
    jaime janet javier jenny jerson jessica jesus jhon jhonatan jhoselyn jimmy joel johana
    john johnny jonathan jorge jose josefa josefina joselito juan juana juanita julia julian
    julio julissa justina justo karen karina karla katherine katia kelly kevin laura leandro
    leonardo leonor leticia lidia liliana lizbeth lorena lorenzo lourdes lucia luciana
    lucila lucio luis luisa luisito luz magaly manuel manuela marcela marcelino marcelo
    marco marcos margarita maria mariana mariano maribel maricruz mariela marilu marina
    mario marisol maritza marlene marleni marta martha martin mary matilde mauricio maxima
    maximo mayra melissa mercedes miguel milagros milton miriam moises monica nancy natalia
    nataly nelida nelly nelson nery nicanor nicolas nicolasa nieves nilda noe noemi nora
    norma octavio olga olinda omar orlando oscar pablo paola patricia paul paula paulina
    pedro percy pilar policarpo porfirio rafael ramiro ramon raquel raul rebeca reina renato
    rene ricardo richard roberto rocio rodolfo rodrigo rogelio roger rolando roman ronald
    rosa rosalia rosario rosaura roxana ruben rufino ruth sabina sabino samuel sandra
    santiago santos santusa sara saturnina saturnino saul sebastian segundina segundo sergio
    silvia simeon simon sofia sonia susana tania teodora teodoro teofila teofilo teresa
    tomas toribia ulises valentin valentina valeria vanessa veronica vicente victor victoria
    vilma violeta virginia walter wilber wilbert wilfredo william wilmer wilson ximena yanet
    yaneth yeni yenny yesenia yessica yolanda yovana yuli zenaida zenobia zoila
    """
)
LAST: Final = _words(
    """
    abanto acosta acuna aguilar aguirre alanoca alarcon alcantara alfaro aliaga alva
    alvarado alvarez amasifuen anco andrade apaza aquino aragon arana aranda arce arevalo
    arias arratia arroyo asto ataucusi atencio avalos avila ayala ayma balbin barrientos
    barrios bautista becerra bejarano benavides benites bermudez bravo bustamante caballero
    cabrera caceres cahuana calderon calisaya callata calle callo camacho campos canales
    cancino cano canqui cardenas cardozo carhuapoma cari carpio carranza carrasco carrillo
    carrion casas castaneda castillo castro ccahuana ccallo ccama ccanto ccente ccoicca
    cconislla ccopa ccorahua ccori ccoyllo centeno cerna cervantes cespedes chambi chamorro
    chauca chavez chipana choque choquehuanca chuquimamani chura coaquira coila colque
    condori contreras cordova cornejo coronado correa cortez cruz cuba cueva curo davila
    delgado diaz diestra dominguez duran enriquez escalante escobar espino espinoza esquivel
    estrada fernandez ferrer figueroa flores fuentes galindo gallardo galvez gamarra garay
    garcia garrido gil godoy gomez gonzales gonzalez grados guerra guerrero guevara
    gutierrez guzman hancco hernandez herrera hidalgo hilario huaman huamani huanca huaraca
    huarcaya huayhua huaynate huillca hurtado ibanez inga iquise jaimes jara jimenez julca
    laura lazo leiva leon lima lizarraga llanos llerena loayza lopez lozano luna luque
    macedo machaca maldonado mamani manrique marin marquez martinez mayta medina mejia
    melgar mendez mendoza meneses meza miranda molina montenegro montes montoya mora morales
    moreno moscoso munoz nahui naupari navarro neyra nina nolasco nunez obregon ocampo ochoa
    oliva olivares olivera ordonez ore orellana ortega ortiz osorio pachacutec pacheco
    pacori padilla paitan palacios palomino panduro pardo paredes parra paucar pena peralta
    perez pezo pinedo pinto pizarro poma ponce porras portilla portugal puma quino quintana
    quinto quiroz quispe ramirez ramos rengifo requejo reyes reyna rios rivas rivera robles
    roca rodriguez rojas roldan roman romero rosales rosas rubio ruiz sabogal salas salazar
    salcedo saldana salinas salvador samaniego sanchez sandoval santana santillan santos
    sarmiento serrano sifuentes silva solano solis solorzano sosa soto sotomayor suarez suca
    sulca supo tafur tapia tarqui tello ticona tineo tito toledo tolentino torres trujillo
    ttito ugarte urbina uriarte ushinahua valdez valdivia valencia valenzuela vallejos
    valverde vargas vasquez vega vela velarde velasquez velez vera vergara vidal vilca
    vilcapoma villa villalobos villanueva villar villegas yanqui yapo yarleque yauri yucra
    yupanqui zambrano zamora zapana zapata zarate zavala zegarra zevallos zuloeta zuniga
    """
)
PARTICLES: Final = _words("de del la las los y san santa vda da")
STOP: Final = _words(
    """
    a al anos busca busco cel celular cocina como con contra correo cuando de desde dni
    donde e edad el ella en entre es esta estoy experiencia fue ha hace hasta he la las le
    limpieza lo los me mi mis muy necesita necesito no o ofrece para pero por pues que
    quiero requiere ruc se si sin sobre solicita solicitamos soy su sus te tel telefono
    tengo trabaje trabajo tu u un una ventas vivo whatsapp y ya yo
    """
)
"""Words that end a name which a cue word announced."""
