//! Words of the doctor's page.

table! {
    /// Words of the doctor's page in one language.
    DoctorTexts {
        heading: &'static str,
        intro: &'static str,
        open: &'static str,
        back: &'static str,
        again: &'static str,
        good: &'static str,
        fair: &'static str,
        bad: &'static str,
        all_well: &'static str,
        change: &'static str,
        no_address: &'static str,
    }
}

/// In English.
pub static EN: DoctorTexts = DoctorTexts {
    heading: "Is everything right?",
    intro: "The server has gone through its own front door, and looked at the machine it runs on.",
    open: "Check proxy, mail, backups and disk",
    back: "Back to your account",
    again: "Look again",
    good: "Good",
    fair: "Worth a look",
    bad: "To be changed",
    all_well: "Everything is as it should be.",
    change: "Change:",
    no_address: "Nobody went through the front door, because public_url is not set. Write the address that people type into librechat-auth.toml.",
};

/// In French.
pub static FR: DoctorTexts = DoctorTexts {
    heading: "Tout va-t-il bien\u{202f}?",
    intro: "Le serveur est passé par sa propre porte d’entrée, et a examiné la machine où il tourne.",
    open: "Vérifier proxy, courrier, sauvegardes et disque",
    back: "Retour à votre compte",
    again: "Vérifier de nouveau",
    good: "Bon",
    fair: "À regarder",
    bad: "À changer",
    all_well: "Tout est comme il faut.",
    change: "À modifier\u{202f}:",
    no_address: "Personne n’est passé par la porte d’entrée, car public_url n’est pas défini. Inscrivez dans librechat-auth.toml l’adresse que les gens tapent.",
};
