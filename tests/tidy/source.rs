//! The project's Rust files and what the rules ask of them: the names that
//! the code uses, without comments and strings.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use syn::visit::{self, Visit};

/// One file of Rust source.
#[derive(Default)]
pub(crate) struct Source {
    /// Its path from the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The whole code on one line: no comments, empty literals, and blanks
    /// only where two words meet.
    pub(crate) code: String,
    // The rest is without what is compiled for tests alone.
    pub(crate) imports: Vec<Import>,
    /// Every path of two or more names outside `use`.
    pub(crate) paths: Vec<Vec<String>>,
    /// The names of all structs and enums.
    pub(crate) types: Vec<String>,
}

/// One name that a `use` declaration brings in.
pub(crate) struct Import {
    /// The full path; the last name is `*` if it brings in everything.
    pub(crate) path: Vec<String>,
    /// What it is called here.
    pub(crate) name: String,
    /// Whether it is a re-export.
    pub(crate) exported: bool,
}

/// Every Rust file of the program and of its tests.
pub(crate) static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    let mut sources = Vec::new();
    for folder in ["src", "tests"] {
        let before = sources.len();
        collect(&root().join(folder), &mut sources);
        assert!(sources.len() > before, "no source below {folder}");
    }
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
});

pub(crate) fn below(folder: &str) -> impl Iterator<Item = &'static Source> {
    SOURCES.iter().filter(move |it| it.path.starts_with(folder))
}

/// The files of the program itself.
pub(crate) fn program() -> impl Iterator<Item = &'static Source> {
    below("src/").filter(|source| !source.is_test())
}

/// The mode files: everything in `modes` but what chooses among them.
pub(crate) fn modes() -> impl Iterator<Item = &'static Source> {
    below("src/modes/").filter(|source| !source.path.ends_with("/mod.rs"))
}

/// A file of the project, from its root.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, into: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root()).unwrap().to_string_lossy();
            into.push(Source::parse(&path.replace('\\', "/"), text));
        }
    }
}

impl Source {
    pub(crate) fn parse(path: &str, text: String) -> Self {
        let tokens: TokenStream = text.parse().unwrap();
        let mut source = Self { path: path.into(), ..Self::default() };
        write_code(&tokens, &mut source.code);
        let program = syn::parse2::<syn::File>(without_tests(tokens));
        Names(&mut source).visit_file(&program.expect(path));
        source.text = text;
        source
    }

    /// The names of the modules that lead to it: `src/net/stream.rs` is
    /// `["net", "stream"]`.
    pub(crate) fn module(&self) -> Vec<String> {
        let path = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let path = path.strip_suffix(".rs").unwrap_or(path);
        let path = path.strip_suffix("/mod").unwrap_or(path);
        let root = path == "lib";
        path.split('/').filter(|_| !root).map(Into::into).collect()
    }

    /// Whether the whole file is compiled for tests alone.
    fn is_test(&self) -> bool {
        let path = self.path.as_str();
        path.contains("/tests/")
            || path.ends_with("/tests.rs")
            || path.ends_with("_tests.rs")
    }

    /// Whether a path in it begins with this package.
    pub(crate) fn uses_package(&self, package: &str) -> bool {
        let imports = self.imports.iter().map(|import| &import.path);
        imports.chain(&self.paths).any(|path| path[0] == package)
    }

    pub(crate) fn has_word(&self, word: &str) -> bool {
        self.code.split(|c| !is_word(c)).any(|it| it == word)
    }

    /// What each `cfg(...)`, `cfg!(...)` and `cfg_attr(...)` asks for, up to
    /// the first bracket that closes.
    pub(crate) fn conditions(&self) -> impl Iterator<Item = &str> {
        let forms = ["(", "!(", "_attr("];
        self.code.split("cfg").skip(1).filter_map(move |rest| {
            let within = forms.iter().find_map(|it| rest.strip_prefix(it))?;
            within.split([')', ']']).next()
        })
    }
}

pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Drops every item under `#[cfg(test)]`.
fn without_tests(tokens: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let mark =
            matches!(&token, TokenTree::Punct(it) if it.as_char() == '#');
        let attribute = tokens.peek().map(ToString::to_string);
        if mark && attribute.is_some_and(|it| it == "[cfg (test)]") {
            let ends = |token: &TokenTree| match token {
                TokenTree::Punct(it) => it.as_char() == ';',
                TokenTree::Group(it) => it.delimiter() == Delimiter::Brace,
                _ => false,
            };
            while tokens.next().is_some_and(|token| !ends(&token)) {}
            continue;
        }
        kept.push(match token {
            TokenTree::Group(group) => {
                let within = without_tests(group.stream());
                proc_macro2::Group::new(group.delimiter(), within).into()
            }
            other => other,
        });
    }
    kept.into_iter().collect()
}

fn write_code(tokens: &TokenStream, code: &mut String) {
    for token in tokens.clone() {
        match token {
            TokenTree::Ident(word) => {
                if code.ends_with(is_word) {
                    code.push(' ');
                }
                code.push_str(&word.to_string());
            }
            TokenTree::Punct(mark) => code.push(mark.as_char()),
            TokenTree::Literal(_) => code.push_str("\"\""),
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                code.push_str(open);
                write_code(&group.stream(), code);
                code.push_str(close);
            }
        }
    }
}

/// Finds what is imported, named and declared.
struct Names<'a>(&'a mut Source);

impl Names<'_> {
    fn import(&mut self, tree: &syn::UseTree, path: &[String], exported: bool) {
        let with = |name: &syn::Ident| {
            let name = name.to_string();
            let own = name == "self";
            [path, if own { &[] } else { std::slice::from_ref(&name) }].concat()
        };
        let (path, name) = match tree {
            syn::UseTree::Path(it) => {
                let path = [path, &[it.ident.to_string()]].concat();
                return self.import(&it.tree, &path, exported);
            }
            syn::UseTree::Group(group) => {
                let each = |it| self.import(it, path, exported);
                return group.items.iter().for_each(each);
            }
            syn::UseTree::Name(it) => {
                let path = with(&it.ident);
                let name = path.last().unwrap().clone();
                (path, name)
            }
            syn::UseTree::Rename(it) => {
                (with(&it.ident), it.rename.to_string())
            }
            syn::UseTree::Glob(_) => {
                ([path, &["*".into()]].concat(), "*".to_owned())
            }
        };
        self.0.imports.push(Import { path, name, exported });
    }

    /// The paths in what a macro is given, which need not be an expression.
    fn paths_in(&mut self, tokens: TokenStream) {
        let mut path = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.path(std::mem::take(&mut path));
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    self.path(std::mem::take(&mut path));
                    colons = 0;
                    if let TokenTree::Group(group) = other {
                        self.paths_in(group.stream());
                    }
                }
            }
        }
        self.path(path);
    }

    fn path(&mut self, path: Vec<String>) {
        if path.len() > 1 {
            self.0.paths.push(path);
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let exported = !matches!(item.vis, syn::Visibility::Inherited);
        self.import(&item.tree, &[], exported);
    }

    // `pub(in path)` and `pub(super)` are no uses.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|it| it.ident.to_string());
        self.path(names.collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.paths_in(item.tokens.clone());
        visit::visit_macro(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.0.types.push(item.ident.to_string());
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.0.types.push(item.ident.to_string());
        visit::visit_item_enum(self, item);
    }
}
