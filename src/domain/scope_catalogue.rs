//! The scopes that people may put on keys: which there are, what they mean,
//! and whose they are to hand on.

use super::subject::{GroupName, Scope};

/// A scope with its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogueEntry {
    /// The scope.
    pub name: Scope,
    /// What it opens, for people.
    pub description: String,
    /// Members of any of these may grant it; everybody if there are none.
    pub groups: Vec<GroupName>,
}

impl CatalogueEntry {
    fn is_open_to(&self, groups: &[GroupName]) -> bool {
        self.groups.is_empty() || self.groups.iter().any(|group| groups.contains(group))
    }
}

/// All scopes of a deployment. Where none are listed, what people may grant is
/// what their tokens carry, as far as they have any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeCatalogue {
    /// In the order of the settings.
    pub entries: Vec<CatalogueEntry>,
}

impl ScopeCatalogue {
    /// What somebody in these groups may put on a key, apart from being an
    /// administrator: by the catalogue if there is one, otherwise `own`.
    pub fn grantable(&self, groups: &[GroupName], own: &[Scope]) -> Vec<Scope> {
        if self.entries.is_empty() {
            return own.to_vec();
        }
        self.entries
            .iter()
            .filter(|entry| entry.is_open_to(groups))
            .map(|entry| entry.name.clone())
            .collect()
    }

    /// What the keys of somebody in these groups may permit at most: what they
    /// may grant by the catalogue, and managing their own keys. No bound for
    /// administrators, and none without a catalogue.
    pub fn bound(&self, groups: &[GroupName], admin: bool) -> Option<Vec<Scope>> {
        if admin || self.entries.is_empty() {
            return None;
        }
        let mut scopes = self.grantable(groups, &[]);
        scopes.push(Scope::manage_own_keys());
        Some(scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> Scope {
        Scope::parse(text).unwrap()
    }

    fn group(text: &str) -> GroupName {
        GroupName::parse(text).unwrap()
    }

    fn catalogue() -> ScopeCatalogue {
        let entry = |name, groups: &[&str]| CatalogueEntry {
            name: scope(name),
            description: String::new(),
            groups: groups.iter().map(|name| group(name)).collect(),
        };
        ScopeCatalogue {
            entries: vec![entry("models:read", &[]), entry("models:*", &["ml", "ops"])],
        }
    }

    #[test]
    fn groups_decide_what_may_be_granted() {
        let catalogue = catalogue();
        let own = [scope("other")];
        assert_eq!(catalogue.grantable(&[], &own), [scope("models:read")]);
        assert_eq!(
            catalogue.grantable(&[group("ops")], &own),
            [scope("models:read"), scope("models:*")]
        );
        assert_eq!(ScopeCatalogue::default().grantable(&[], &own), own);
    }

    #[test]
    fn keys_are_bound_by_a_catalogue_unless_their_owner_administers() {
        let bound = catalogue().bound(&[], false).unwrap();
        assert_eq!(bound, [scope("models:read"), scope("gatelodge:keys")]);
        assert_eq!(catalogue().bound(&[], true), None);
        assert_eq!(ScopeCatalogue::default().bound(&[], false), None);
    }
}
