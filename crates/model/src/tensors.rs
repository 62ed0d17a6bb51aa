//! libtorch's tensors as the bytes of a safetensors file, and back.

use safetensors::{Dtype, tensor::TensorView};
use tch::{Device, Kind, TchError, Tensor};

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

/// A tensor's bytes, little-endian and row-major, with its type and shape.
pub(crate) struct TensorBytes {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl TensorBytes {
    /// Copies the tensor from its device.
    pub fn copy(tensor: &Tensor) -> Result<Self, TchError> {
        let kind = tensor.kind();
        let dtype = dtype(kind)
            .ok_or_else(|| TchError::Kind(format!("{kind:?} is not kept in checkpoints")))?;
        let on_cpu = tensor.f_detach()?.f_to_device(Device::Cpu)?.f_contiguous()?;
        let mut bytes = vec![0; tensor.numel() * kind.elt_size_in_bytes()];
        on_cpu.f_copy_data_u8(&mut bytes, tensor.numel())?;
        let shape = tensor.size().iter().map(|&side| side as usize).collect();
        Ok(Self { dtype, shape, bytes })
    }

    /// A view for the safetensors writer.
    pub fn view(&self) -> Result<TensorView<'_>, safetensors::SafeTensorError> {
        TensorView::new(self.dtype, self.shape.clone(), &self.bytes)
    }
}

/// The tensor of a view, on the CPU; `None` for a type checkpoints don't hold.
pub(crate) fn tensor(view: &TensorView<'_>) -> Option<Result<Tensor, TchError>> {
    let kinds = [Kind::Float, Kind::Double, Kind::Int64, Kind::Uint8];
    let kind = kinds.into_iter().find(|&kind| dtype(kind) == Some(view.dtype()))?;
    let shape: Vec<i64> = view.shape().iter().map(|&side| side as i64).collect();
    Some(Tensor::f_from_data_size(view.data(), &shape, kind))
}
