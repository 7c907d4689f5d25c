//! Words of the administration: providers.

table! {
    /// Words of one part of the administration, in one language.
    ProvidersTexts {
        title: &'static str,
    }
}

/// English.
pub static EN: ProvidersTexts = ProvidersTexts { title: "Providers" };

/// French.
pub static FR: ProvidersTexts = ProvidersTexts { title: "Fournisseurs" };
