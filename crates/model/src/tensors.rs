//! libtorch's tensors as the bytes of a safetensors file, and back.

use safetensors::{
    Dtype, SafeTensors,
    tensor::{TensorInfo, TensorView},
};
use std::collections::{BTreeMap, BTreeSet};
use tch::{Device, Kind, TchError, Tensor, no_grad};

/// The type's name in safetensors files, for the types that checkpoints hold.
fn dtype(kind: Kind) -> Option<Dtype> {
    match kind {
        Kind::Float => Some(Dtype::F32),
        Kind::Double => Some(Dtype::F64),
        Kind::Int64 => Some(Dtype::I64),
        Kind::Uint8 => Some(Dtype::U8),
        _ => None,
    }
}

/// Where a tensor stands in a file whose data begin at `start`.
pub(crate) fn describe(tensor: &Tensor, start: usize) -> Result<TensorInfo, TchError> {
    let kind = tensor.kind();
    let dtype = dtype(kind)
        .ok_or_else(|| TchError::Kind(format!("{kind:?} is not kept in checkpoints")))?;
    let shape = tensor.size().iter().map(|&side| side as usize).collect();
    let end = start + tensor.numel() * kind.elt_size_in_bytes();
    Ok(TensorInfo { dtype, shape, data_offsets: (start, end) })
}

/// Bytes that are copied at a time.
const BYTES_AT_ONCE: usize = 1 << 20;

/// Calls `write` with the tensor's bytes, little-endian and row-major, piece
/// by piece: a second copy of a large tensor is never held.
pub(crate) fn write_bytes<E: From<TchError>>(
    tensor: &Tensor,
    mut write: impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let flat = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?.f_view(-1)?;
    let element = flat.kind().elt_size_in_bytes();
    let (count, at_once) = (flat.numel(), BYTES_AT_ONCE / element);
    let mut bytes = vec![0; BYTES_AT_ONCE];
    for start in (0..count).step_by(at_once) {
        let length = at_once.min(count - start);
        let piece = &mut bytes[..length * element];
        flat.f_narrow(0, start as i64, length as i64)?.f_copy_data_u8(piece, length)?;
        write(piece)?;
    }
    Ok(())
}

/// Every tensor of the safetensors file `bytes`, by name, on the CPU. The
/// error is the fact.
pub(crate) fn read_all(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, String> {
    let file = SafeTensors::deserialize(bytes).map_err(not_safetensors)?;
    let read = |(name, view): (String, TensorView<'_>)| {
        let tensor =
            tensor(&view).ok_or_else(|| format!("{name} is of type {:?}", view.dtype()))?;
        Ok((name, tensor.map_err(|error| error.to_string())?))
    };
    file.tensors().into_iter().map(read).collect()
}

/// What is wrong with a file that the library does not read.
pub(crate) fn not_safetensors(error: safetensors::SafeTensorError) -> String {
    format!("not a whole safetensors file ({error})")
}

/// Copies `found` into `own`. Nothing is copied unless all fit; the error is
/// every tensor that is extra, missing or has another shape, as text.
pub(crate) fn fill(
    own: &[(&str, &Tensor)],
    found: &BTreeMap<&str, &Tensor>,
) -> Result<(), Vec<String>> {
    let names: BTreeSet<&str> = own.iter().map(|(name, _)| *name).collect();
    let extra = found.keys().filter(|name| !names.contains(*name));
    let mut differences: Vec<_> = extra.map(|name| format!("{name} is extra")).collect();
    differences.extend(own.iter().filter_map(|(name, tensor)| match found.get(name) {
        None => Some(format!("{name} is missing")),
        Some(found) if found.size() != tensor.size() => {
            Some(format!("{name} is {:?} instead of {:?}", found.size(), tensor.size()))
        }
        Some(_) => None,
    }));
    if !differences.is_empty() {
        return Err(differences);
    }
    no_grad(|| own.iter().for_each(|(name, tensor)| tensor.shallow_clone().copy_(found[name])));
    Ok(())
}

/// The tensor of a view, on the CPU; `None` for a type checkpoints don't hold.
fn tensor(view: &TensorView<'_>) -> Option<Result<Tensor, TchError>> {
    let kinds = [Kind::Float, Kind::Double, Kind::Int64, Kind::Uint8];
    let kind = kinds.into_iter().find(|&kind| dtype(kind) == Some(view.dtype()))?;
    let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
    Some(Tensor::f_from_data_size(view.data(), &shape, kind))
}
