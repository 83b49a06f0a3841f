//! What Python and Jinja2 refuse of the arguments of a call, and minijinja takes.

use minijinja::machinery::ast::CallArg;
use minijinja::{Error, ErrorKind};

/// How the one mistake begins that Jinja2 leaves to Python.
pub(super) const REPEATED: &str = "keyword argument repeated";

/// The order of Jinja2's `parse_call_args`, and no keyword twice, as Python compiles it.
pub(super) fn check(arguments: &[CallArg<'_>]) -> Result<(), Error> {
    let (mut list, mut keywords, mut names) = (false, false, Vec::new());
    for argument in arguments {
        let is_in_order = match argument {
            CallArg::Pos(_) => !list && !keywords && names.is_empty(),
            CallArg::PosSplat(_) => !std::mem::replace(&mut list, true) && !keywords,
            CallArg::Kwarg(name, _) if names.contains(name) => {
                let message = format!("{REPEATED}: {name}");
                return Err(Error::new(ErrorKind::SyntaxError, message));
            }
            CallArg::Kwarg(name, _) => {
                names.push(*name);
                !keywords
            }
            CallArg::KwargSplat(_) => !std::mem::replace(&mut keywords, true),
        };
        if !is_in_order {
            let message = "invalid syntax for function call expression";
            return Err(Error::new(ErrorKind::SyntaxError, message));
        }
    }
    Ok(())
}
