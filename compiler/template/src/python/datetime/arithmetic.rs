use minijinja::{Error, Value};
pub(crate) fn add(_l: &Value, _r: &Value) -> Option<Result<Value, Error>> { None }
pub(crate) fn subtract(_l: &Value, _r: &Value) -> Option<Result<Value, Error>> { None }
pub(crate) fn multiply(_l: &Value, _r: &Value) -> Option<Result<Value, Error>> { None }
pub(crate) fn divide(_l: &Value, _r: &Value) -> Option<Result<Value, Error>> { None }
pub(crate) fn floor_divide(_l: &Value, _r: &Value) -> Option<Result<Value, Error>> { None }
