//! French. `\u{202f}` is the narrow no-break space that goes before `:`, `;`, `?` and `!` and inside guillemets.

use super::{Texts, activity, admin, api_docs, doctor, not_me, recovery, two_factor};

/// All words in French.
pub static TEXTS: Texts = Texts {
    skip_to_content: "Aller au contenu",
    language: "Langue",
    privacy: "Confidentialité",
    terms: "Conditions d’utilisation",
    help: "Aide",
    sign_out: "Se déconnecter",
    show_password: "Afficher le mot de passe",
    hide_password: "Masquer le mot de passe",
    errors_heading: "Veuillez vérifier ces champs\u{202f}:",
    optional: "facultatif",
    passwords_match: "Les deux mots de passe sont identiques.",
    please_wait: "Un instant…",

    name: "Nom",
    username: "Nom d’utilisateur",
    email: "Adresse e-mail",
    password: "Mot de passe",
    current_password: "Mot de passe actuel",
    new_password: "Nouveau mot de passe",
    confirm_password: "Répétez le mot de passe",
    password_hint: |min| {
        format!("Au moins {min} caractères. Quelques mots que personne d’autre n’associerait conviennent très bien.")
    },
    name_hint: "Le nom que verront les autres.",

    login_heading: "Connexion",
    login_button: "Se connecter",
    no_account_yet: "Pas encore de compte\u{202f}?",
    create_account: "Créer un compte",
    wrong_credentials: "Cette adresse et ce mot de passe ne correspondent pas. Veuillez réessayer.",
    email_not_verified: "Veuillez d’abord confirmer votre adresse\u{202f}: ouvrez le lien du message que nous vous avons envoyé.",
    too_many_attempts: |wait| format!("Trop de tentatives. Veuillez réessayer dans {wait}."),
    busy_text: "Le serveur est très sollicité. Veuillez réessayer dans quelques secondes.",
    cookie_dropped: |here| {
        format!(
            "Votre navigateur n’a pas gardé le cookie de connexion. Il ne le fait que sur une connexion sécurisée (https), or cette page a été ouverte à l’adresse {here}."
        )
    },
    cookie_fix_open: "Ouvrez plutôt l’adresse sécurisée\u{202f}:",
    cookie_fix_configure: |setting| {
        format!("Ou, si vous gérez ce serveur et souhaitez rester en http, définissez {setting} puis redémarrez-le.")
    },
    form_expired: "Ce formulaire est resté ouvert trop longtemps. Veuillez l’envoyer à nouveau.",
    missing_fields: "Veuillez saisir votre adresse e-mail et votre mot de passe.",
    email_login_off: "La connexion par adresse e-mail est désactivée sur ce serveur.",
    registered: "Votre compte est prêt. Vous pouvez vous connecter.",
    logged_out: "La déconnexion a réussi.",
    sign_in_again: "Votre session a pris fin. Veuillez vous reconnecter.",
    account_deleted: "Votre compte et toutes ses données ont été supprimés.",
    password_changed_sign_in: "Votre mot de passe a été modifié. Veuillez vous connecter avec le nouveau.",

    register_heading: "Créer un compte",
    register_button: "Créer le compte",
    have_account: "Vous avez déjà un compte\u{202f}?",
    registration_closed_heading: "Les inscriptions sont fermées",
    registration_closed: "Les nouveaux comptes sont créés par la personne qui gère ce serveur. Demandez-lui de créer le vôtre.",
    too_many_registrations: |wait| {
        format!("Trop de comptes créés depuis votre réseau. Veuillez réessayer dans {wait}.")
    },
    registration: &super::registration::FR,
    access: &super::access::FR,
    guest: &super::guest::FR,
    api_keys: &super::api_keys::FR,
    connections: &super::connections::FR,
    federation: &super::federation::FR,

    setup_heading: "Bienvenue. Commençons l’installation.",
    setup_intro: "Le premier compte est celui de l’administrateur. Il peut tout faire sur ce serveur\u{202f}: donnez-lui un bon mot de passe.",
    setup_registration: "Permettre aux autres de créer leur propre compte",
    setup_registration_hint: "Vous pourrez changer ce choix plus tard dans la configuration.",
    setup_button: "Créer l’administrateur",
    setup_pending_heading: "Presque prêt",
    setup_pending: "Ce serveur attend son administrateur. Si c’est vous, ouvrez le lien d’installation affiché au démarrage du serveur.",
    setup_bad_link_heading: "Ce lien ne fonctionne plus",
    setup_bad_link: "Un lien d’installation est valable une heure et ne sert qu’une fois.",
    setup_new_link: "Pour obtenir un nouveau lien, exécutez ceci sur le serveur\u{202f}:",

    account_title: "Votre compte",
    profile: "Profil",
    role_label: "Rôle",
    role_user: "Membre",
    role_admin: "Administrateur",
    role_auditor: "Auditeur",
    member_since: "Membre depuis",
    change_name: "Changer de nom",
    change_password: "Changer de mot de passe",
    password_effect: "Toutes vos autres sessions seront fermées.",
    save_name: "Enregistrer le nom",
    save_password: "Enregistrer le mot de passe",
    sessions: "Vos sessions ouvertes",
    sessions_intro: "Fermez toute session que vous ne reconnaissez pas, puis changez de mot de passe.",
    you_appear_as: |address| format!("Vous apparaissez sous l’adresse {address}, en connexion directe."),
    you_appear_through: |address, proxy, by| {
        format!("Vous apparaissez sous l’adresse {address}, par l’intermédiaire de {proxy}, d’après {by}.")
    },
    proxy_ignored: |peer, header| {
        format!(
            "{peer} envoie {header}, qui est ignoré\u{202f}: tous ceux qui passent par là partagent une seule adresse. Si \
             c’est votre proxy inverse, écrivez ceci sous [server] dans librechat-auth.toml, puis redémarrez\u{202f}:"
        )
    },
    this_device: "Cet appareil",
    address: "Adresse",
    method: "Connexion par",
    method_password: "Mot de passe",
    method_passkey: "Clé d’accès",
    method_ldap: "Compte d’annuaire",
    method_code: "code",
    method_backup_code: "code de secours",
    method_trusted_device: "appareil approuvé",
    signed_in: "Ouverte",
    last_used: "Dernier accès",
    end_session: "Fermer",
    end_session_of: |device| format!("Fermer la session\u{202f}: {device}"),
    end_others: "Fermer toutes les autres sessions",
    end_others_confirm: "Fermer toutes les sessions sauf celle-ci\u{202f}?",
    delete_account: "Supprimer le compte",
    delete_effect: "Votre compte et toutes vos sessions seront supprimés sur-le-champ, sans retour possible pour vous. Pendant quelques jours, les personnes qui gèrent ce site peuvent éventuellement rétablir le compte.",
    delete_open: "Supprimer mon compte…",
    delete_button: "Supprimer définitivement",
    delete_confirm: "Supprimer définitivement votre compte\u{202f}?",
    notices: "À lire",
    dismiss: "J’ai compris",
    notice_refresh_reused: |at, detail| {
        let from = if detail.is_empty() {
            String::new()
        } else {
            format!(" ({detail})")
        };
        format!(
            "Le {at}, une ancienne copie de votre jeton de connexion a été utilisée{from}. Par sécurité, cette session a été fermée. Si vous n’en connaissez pas la raison, changez de mot de passe."
        )
    },
    notice_password_reset: |at| {
        format!(
            "Le {at}, un administrateur a défini un nouveau mot de passe pour vous. Nous vous conseillons d’en changer."
        )
    },
    name_saved: "Votre nom a été enregistré.",
    password_changed: "Votre mot de passe a été modifié. Toutes vos autres sessions ont été fermées.",
    told_by_mail: "Nous vous l’avons aussi écrit par e-mail.",
    session_ended: "La session a été fermée.",
    others_ended: |count| match count {
        0 => "Il n’y avait pas d’autre session.".to_owned(),
        1 => "Une autre session a été fermée.".to_owned(),
        _ => format!("{count} autres sessions ont été fermées."),
    },

    error_missing: "Veuillez remplir ce champ.",
    error_too_short: |min| format!("Veuillez saisir au moins {min} caractères."),
    error_too_long: |max| format!("Veuillez saisir au plus {max} caractères."),
    error_bad_characters: "Certains de ces caractères ne sont pas acceptés ici.",
    error_bad_email: "Veuillez saisir une adresse complète, comme nom@exemple.org.",
    error_email_not_allowed: "Cette adresse ne peut pas être utilisée ici. Veuillez en choisir une autre.",
    error_email_taken: "Un compte existe déjà avec cette adresse.",
    error_password_too_common: "Ce mot de passe est parmi les premiers que l’on devine. Veuillez en choisir un autre.",
    error_passwords_differ: "Les deux mots de passe ne sont pas identiques.",
    error_wrong_password: "Ce n’est pas votre mot de passe actuel.",
    last_admin: "Vous êtes la dernière personne à administrer ce site. Nommez d’abord quelqu’un d’autre, puis supprimez ce compte.",

    error_status: |status| format!("Erreur {status}"),
    bad_request_heading: "Cela n’a pas fonctionné",
    bad_request_text: "Le serveur n’a pas compris cette demande. Revenez en arrière et réessayez.",
    forbidden_heading: "Accès refusé",
    forbidden_text: "Vous n’avez pas l’autorisation de faire cela.",
    cross_site_heading: "Veuillez utiliser la bonne adresse",
    cross_site_text: |here| {
        format!(
            "Pour votre sécurité, les formulaires ne sont acceptés que depuis l’adresse de ce serveur, or celui-ci venait de {here}. Ouvrez la page ici et réessayez\u{202f}:"
        )
    },
    not_found_heading: "Page introuvable",
    not_found_text: "Il n’y a rien à cette adresse. Le lien est peut-être ancien, ou il contient une faute de frappe.",
    too_many_heading: "Un peu moins vite, s’il vous plaît",
    too_many_requests: |wait| format!("Trop de demandes sont venues de votre réseau. Veuillez réessayer dans {wait}."),
    busy_heading: "Serveur occupé",
    internal_heading: "Une erreur s’est produite",
    internal_text: "C’est notre faute, pas la vôtre. Veuillez réessayer dans un instant.",
    reference: "Si vous le signalez, mentionnez\u{202f}:",
    banned_heading: "Accès suspendu",
    banned_text: "Votre compte ou votre adresse réseau a été suspendu après plusieurs infractions aux règles.",
    banned_until: "La suspension prend fin le",
    banned_for_good: "La suspension ne prend pas fin d’elle-même.",
    banned_ask: "S’il s’agit d’une erreur, adressez-vous à\u{202f}:",
    banned_ask_admin: "S’il s’agit d’une erreur, adressez-vous à l’administration de ce site.",
    back_home: "Retour à l’accueil",

    device_on: |browser, system| format!("{browser} sur {system}"),
    unknown_device: "Appareil inconnu",
    seconds: |count| {
        if count < 2 {
            format!("{count} seconde")
        } else {
            format!("{count} secondes")
        }
    },
    minutes: |count| {
        if count < 2 {
            format!("{count} minute")
        } else {
            format!("{count} minutes")
        }
    },
    hours: |count| {
        if count < 2 {
            format!("{count} heure")
        } else {
            format!("{count} heures")
        }
    },
    days: |count| {
        if count < 2 {
            format!("{count} jour")
        } else {
            format!("{count} jours")
        }
    },
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    date_time: |day, month, year, hour, minute| {
        let ordinal = if day == 1 { "er" } else { "" };
        format!("{day}{ordinal} {month} {year} à {hour:02}:{minute:02} UTC")
    },

    activity: &activity::FR,
    admin: &admin::FR,
    api_docs: &api_docs::FR,
    doctor: &doctor::FR,
    not_me: &not_me::FR,
    recovery: recovery::FR,
    two_factor: &two_factor::FR,
};
