//! Words of the page that describes the API.

table! {
    /// Words of the page in one language.
    ApiDocsTexts {
        heading: &'static str,
        intro: &'static str,
        document: &'static str,
        link: &'static str,
        parts: &'static str,
        parameters: &'static str,
        in_path: &'static str,
        in_query: &'static str,
        body: &'static str,
        answer: &'static str,
        refusals: &'static str,
        open: &'static str,
        token: &'static str,
        read: &'static str,
        write: &'static str,
        cookie: &'static str,
        reporter: &'static str,
        administration: &'static str,
    }
}

/// In English.
pub static EN: ApiDocsTexts = ApiDocsTexts {
    heading: "What programs can ask",
    intro: "Every answer carries X-Request-Id, every refusal X-Reference. Search with your browser: what is folded is found too.",
    document: "The same for programs (OpenAPI 3.1)",
    link: "What programs can ask here",
    parts: "Parts",
    parameters: "Parameters",
    in_path: "in the path",
    in_query: "in the query",
    body: "Body",
    answer: "Answer",
    refusals: "Other answers have a sentence in message, and one of these:",
    open: "Open to everybody.",
    token: "With an access token.",
    read: "With an access token, or an API key that reads.",
    write: "With an access token, or an API key that writes.",
    cookie: "With the cookie of a session.",
    reporter: "With the secret of moderation.api_secret.",
    administration: "For admins, and to look for auditors: with an access token, or an API key that administers.",
};

/// In French.
pub static FR: ApiDocsTexts = ApiDocsTexts {
    heading: "Ce que les programmes peuvent demander",
    intro: "Chaque réponse porte X-Request-Id, chaque refus X-Reference. Les descriptions sont en anglais. Cherchez avec votre navigateur, même dans ce qui est replié.",
    document: "La même chose pour les programmes (OpenAPI 3.1)",
    link: "Ce que les programmes peuvent demander ici",
    parts: "Parties",
    parameters: "Paramètres",
    in_path: "dans le chemin",
    in_query: "dans la requête",
    body: "Corps",
    answer: "Réponse",
    refusals: "Les autres réponses ont une phrase dans message, et l’un de ces codes\u{202f}:",
    open: "Ouvert à tous.",
    token: "Avec un jeton d’accès.",
    read: "Avec un jeton d’accès, ou une clé d’API qui lit.",
    write: "Avec un jeton d’accès, ou une clé d’API qui écrit.",
    cookie: "Avec le cookie d’une session.",
    reporter: "Avec le secret de moderation.api_secret.",
    administration: "Pour les administrateurs, et en lecture pour les auditeurs\u{202f}: avec un jeton d’accès, ou une clé d’API qui administre.",
};
