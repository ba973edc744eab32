"""placeholder"""
import numpy as np
from scipy import ndimage
from skimage import data, feature, filters
from skimage.metrics import structural_similarity
from gng_fast import export

ROI = (slice(105, 240), slice(330, 512))

def darkness(plane):
    return np.clip((filters.gaussian(1 - plane, 0.8) - 0.22) / 0.73, 0, 1)

def ink_of(drawing, pixels):
    return 1 - np.asarray(export.render(drawing, pixels).convert("L")) / 255

def correlation(a, b):
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])

def edges(plane):
    return feature.canny(plane, 2, 0.05, 0.1)

def measure(R, plane):
    T = darkness(plane)
    r, t = ndimage.gaussian_filter(R, 5), ndimage.gaussian_filter(T, 5)
    fitted = np.polyval(np.polyfit(r.ravel(), t.ravel(), 1), r)
    fine_r, fine_t = ndimage.gaussian_filter(R, 2)[ROI], ndimage.gaussian_filter(T, 2)[ROI]
    ref, found = edges(plane)[ROI], edges(R)[ROI]
    far = ndimage.distance_transform_edt
    return {"rho": correlation(r, t), "SSIM": structural_similarity(t, fitted, data_range=1.0),
            "PSNR": -10 * np.log10(np.mean((fitted - t) ** 2)), "ROI rho": correlation(fine_r, fine_t),
            "ROI recall": float((far(~found)[ref] <= 3).mean()), "precision": float((far(~ref)[found] <= 3).mean())}
