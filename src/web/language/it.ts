/** Italian. */
import type { Texts } from "./en.ts";

export const it: Texts = {
  frame: {
    title: "Tremore dell’Etna",
    skip: "Vai al contenuto",
    views: "Viste",
    settings: "Impostazioni",
    toDark: "Tema scuro",
    toLight: "Tema chiaro",
    loading: "Caricamento …",
    tryAgain: "Riprova",
    demo: "Demo: tutti i dati sono sintetici, nessuno è stato misurato.",
    lost: "Il server non è raggiungibile. Vedi gli ultimi dati noti; si riprova da sé.",
    unreachable: "Il server non è raggiungibile",
    refused: "Non ha funzionato",
    noView: "Questa vista non esiste.",
    tokenTitle: "Per leggere questo archivio serve un token",
    tokenWhy: "Può dartelo chi lo gestisce. Resta finché non chiudi questa pagina, e da nessun’altra parte.",
    token: "Token",
    tokenWrong: "Il token non è quello giusto.",
    open: "Apri",
    source: "Grafici: INGV, Osservatorio Etneo. Letti dalle immagini pubblicate da etna-archive.",
    noWarning: "Questo non è un servizio di allerta ufficiale. Per quello, vedi",
    api: "GraphQL",
    rest: "REST",
    utc: "UTC",
    localTime: "ora tua",
  },
  level: {
    LOW: "Basso",
    MEDIUM: "Medio",
    HIGH: "Alto",
  },
  trend: {
    RISING: "In aumento",
    STEADY: "Stabile",
    FALLING: "In calo",
  },
  now: {
    title: "Adesso",
    heading: "Tremore vulcanico dell’Etna",
    emptyTitle: "Non si sa ancora nulla",
    empty: "L’archivio non ha alcun grafico di cui si siano letti i numeri. Il primo arriva col prossimo recupero.",
  },
  record: {
    title: "Tracciato",
  },
};
