"""Loading pictures: from files, PIL images, arrays and the pictures that come with scikit-image.

A file may come from anybody. Only decoders that turn the file itself into pixels are tried, never one that runs another
program, and the size in the file's header is compared with a limit before any pixel is decoded.
"""

import io
import logging
import math
import os
import re
import stat
import warnings
from contextlib import nullcontext, suppress
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from gng_fast.art.image.colour import in_srgb
from gng_fast.art.image.libtiff import quiet
from gng_fast.art.image.picture import ImageError, Picture, Source, as_picture
from gng_fast.art.image.planes import grey
from gng_fast.optional import need
from gng_fast.parameters import Range

if TYPE_CHECKING:
    import PIL.Image

# Pictures in the wheel of scikit-image, with the file that holds each one.
_BUILT_IN_FILES = {
    "astronaut": "astronaut.png",
    "camera": "camera.png",
    "horse": "horse.png",
    "page": "page.png",
    "text": "text.png",
    "coins": "coins.png",
    "chelsea": "chelsea.png",
    "coffee": "coffee.png",
    "cell": "cell.png",
    "clock": "clock_motion.png",
    "moon": "moon.png",
    "rocket": "rocket.jpg",
    "retina": "retina.jpg",
    "cat": "chelsea.png",
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "hubble_deep_field": "hubble_deep_field.jpg",
    "colorwheel": "color.png",
    "logo": "logo.png",
}
#: Names of the pictures that come with scikit-image.
BUILT_IN = tuple(_BUILT_IN_FILES)
# A shape, whose file has greys along its edges.
_BLACK_AND_WHITE = {"horse"}

#: Pictures with more pixels are refused unless the caller raises the limit: as many as the largest photos of most
#: phones have. `dark_points` takes 11 bytes a pixel, 0.55 GB in all.
LOAD_LIMIT = 8192 * 6144
_LIMIT = Range(1, math.inf, integer=True)
# No picture of the default limit takes more than 503 MB until it is an array, however small its file: 8 bytes a pixel
# are usual, and there are fewer pixels where a decoder takes more than 10. The bytes are what Pillow 13 takes.
_MOST_BYTES = 10
_DECODER_BYTES = {"WEBP": 16, "HEIF": 16}
# OpenJPEG takes 32 bits for each channel, and up to 16 for what it hands over; Pillow's picture takes 4 bytes more.
_JPEG2000_BYTES, _JPEG2000_CHANNEL_BYTES = 4, 6
# A progressive JPEG is kept in 16 bits a channel until its last part has come.
_CMYK_JPEG_BYTES = 12
_ADVICE = (
    "the limit of image.load: scale the picture down, or give limit=... to image.load and use the array it returns"
)

#: The formats that are read, as Pillow calls them. Left out are those that run another program (EPS runs Ghostscript)
#: or leave decoding to somebody else (WMF, GRIB, HDF5), unpack their data before their size is known (ICO, ICNS, IPTC,
#: FITS), whose frame may be larger than the header says (AVIF: 1.4 GB from 5 kB), or are hardly met today. HEIF is
#: there once a library has taught Pillow to read it.
FORMATS = (
    "PNG", "JPEG", "MPO", "GIF", "BMP", "DIB", "PPM", "TIFF", "WEBP", "HEIF", "JPEG2000", "TGA", "SGI", "PCX",
    "DDS", "QOI", "PSD",
)  # fmt: skip

_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: "FLIP_LEFT_RIGHT",
    3: "ROTATE_180",
    4: "FLIP_TOP_BOTTOM",
    5: "TRANSPOSE",
    6: "ROTATE_270",
    7: "TRANSVERSE",
    8: "ROTATE_90",
}
# Width and height of a TIFF's tiles, for each of which its decoder takes memory.
_TILE_TAGS = 322, 323

# A decoded picture becomes an array in bands of rows of about this many pixels: a whole second copy would be large.
_BAND_PIXELS = 1 << 20

# Without a handler Python prints what Pillow logs of damaged files on standard error. Those of the user still get it.
_NO_OUTPUT = logging.NullHandler()

#: Frames of a file.
FRAME = Range(0, 999_999_999, integer=True)
# The end of a name that asks for one.
_FRAME = re.compile(r"(.+)\[(\d{1,9})\]")
# What HEIC files have from their fifth byte on, and what follows there.
_HEIF_BOX, _HEIF_BRANDS = b"ftyp", (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

# As many bytes of a file are read at once without a look at its size.
_READ = 1 << 20


def load(source: Source, *, frame: int | None = None, limit: int | None = None) -> Picture:
    """Return the picture as an array.

    Files and PIL images: the EXIF rotation is applied, a colour profile is turned to sRGB, of several frames or pages
    the first is taken (of a PIL image the one it is at) unless `frame` says another, palettes and CMYK become RGB (RGBA
    if something is transparent), 1-bit becomes bool, 16-bit grey uint16, 32-bit grey int32 or float32.

    Parameters
    ----------
    source : str, path-like, binary file, bytes, array or PIL image
        Bytes are the content of a file. A file in one of `FORMATS`, or one of the names in `BUILT_IN`; a file of that
        name wins over a built-in picture.
    frame : int, optional
        The frame or page of a file or PIL image with several, from 0. "scan.tif[2]" is that of "scan.tif".
    limit : int, optional
        Files and PIL images with more pixels, width x height, are refused before they are decoded. By default that is
        `LOAD_LIMIT`, and fewer where decoding takes more memory than usual (WebP, HEIF, JPEG 2000 in colour, JPEG
        in CMYK), so that none takes more than about 0.5 GB.

    Returns
    -------
    array of shape (h, w), (h, w, 3) or (h, w, 4)
        Grey, RGB or RGBA in the picture's own dtype; an array is not copied.

    Raises
    ------
    ImageError
        The source is not a picture, or has more pixels than `limit`.
    ImportError
        Pillow or scikit-image is missing.

    Examples
    --------
    >>> load("camera").shape
    (512, 512)
    """
    limit = None if limit is None else int(_LIMIT.check("limit", limit))
    frame = None if frame is None else int(FRAME.check("frame", frame))
    if isinstance(source, np.ndarray):
        if frame:
            raise ImageError("frame is for files and PIL images: an array is one picture")
        return as_picture(source)
    pil = need("PIL.Image", "loading a picture")
    if isinstance(source, str) and source in BUILT_IN and not os.path.isfile(source):
        return _load_built_in(source, limit, pil)
    with warnings.catch_warnings():
        # Big but allowed, odd metadata: what matters is said in an ImageError, the rest is noise.
        warnings.simplefilter("ignore")
        if isinstance(source, (str, os.PathLike)):
            path = os.fsdecode(source)
            return _load_file(path if frame is None else f"{path}[{frame}]", limit, pil)
        if isinstance(source, pil.Image):
            _check_format(source)
            return _decoded(source, "the PIL image", limit, pil, frame)
        if isinstance(source, bytes):
            return _load_open(io.BytesIO(source), "the content", limit, pil, frame)
        if hasattr(source, "read"):
            file: Any = source
            name = getattr(file, "name", None)
            return _load_open(file, name if isinstance(name, str) else "the open file", limit, pil, frame)
    raise ImageError(
        "a picture must be a path, an open file, bytes, an array, a PIL image or a built-in name, "
        f"got {type(source).__name__}"
    )


class _Bounded(io.BufferedReader):
    """A file of which no more is asked for than there is: a few bytes may claim that gigabytes follow them.

    Python takes the memory for what is asked for first, and only then reads.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _READ:
            size = min(size, max(0, os.fstat(self.fileno()).st_size - self.tell()))
        return super().read(size)


def _load_built_in(name: str, limit: int | None, pil: Any) -> Picture:
    # Not by skimage.data: it imports every reader of pictures there is, and downloads a picture that its wheel lacks.
    package = need("skimage", "a built-in picture")
    path = os.path.join(os.path.dirname(package.__file__), "data", _BUILT_IN_FILES[name])
    if not os.path.isfile(path):
        raise ImageError(f"the installed scikit-image does not contain the picture {name!r}")
    picture = _load_file(path, limit, pil, as_stored=True)
    return grey(picture) > 0.5 if name in _BLACK_AND_WHITE else picture


def _load_file(path: str, limit: int | None, pil: Any, as_stored: bool = False) -> Picture:
    """The picture of a file. as_stored : its numbers as they are, whatever colours they stand for"""
    name = path if path and path.isprintable() else repr(path)
    frame = None
    if (asked := _FRAME.fullmatch(path)) and not os.path.exists(path):
        path, frame = asked[1], int(asked[2])
    try:
        _check_kind(os.stat(path).st_mode, name)
        # Opened here and not by pillow, which maps files it opens into memory and then scrambles some turned TIFFs.
        file = _Bounded(open(path, "rb", buffering=0))
    except FileNotFoundError:
        known = "" if os.path.splitext(path)[1] else f" and is no built-in picture ({', '.join(BUILT_IN)})"
        raise ImageError(f"{name} does not exist{known}") from None
    except ImageError:
        raise
    except (OSError, ValueError) as error:
        raise ImageError(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    with file:
        return _load_open(file, name, limit, pil, frame, as_stored)


def _load_open(
    file: IO[bytes], name: str, limit: int | None, pil: Any, frame: int | None = None, as_stored: bool = False
) -> Picture:
    # No variable holds the image: turned or converted, the one before is free for the next.
    return _decoded(_opened(file, name, limit, pil), name, limit, pil, frame, as_stored)


def _opened(file: IO[bytes], name: str, limit: int | None, pil: Any) -> "PIL.Image.Image":
    """The PIL image of a file, of which only the header is read so far."""
    start = file.read(12)
    if not start:
        raise ImageError(f"{name} is empty")
    file.seek(0)
    is_heif = start[4:8] == _HEIF_BOX and start[8:] in _HEIF_BRANDS
    if is_heif:
        _teach_heif()
    logging.getLogger("PIL").addHandler(_NO_OUTPUT)
    try:
        image = _identified(file, pil)
    except pil.DecompressionBombError:
        most = 2 * pil.MAX_IMAGE_PIXELS
        if (limit or LOAD_LIMIT) <= most:
            raise _too_big(name, limit or LOAD_LIMIT, _ADVICE) from None
        raise _too_big(name, most, "which Pillow refuses: raise PIL.Image.MAX_IMAGE_PIXELS") from None
    except pil.UnidentifiedImageError:
        if is_heif and "HEIF" not in pil.OPEN:
            raise ImageError(f"{name} is a HEIC picture: pip install pillow-heif, or save it as JPEG") from None
        raise ImageError(f"{name} is not an image that can be read") from None
    except MemoryError:
        raise
    except Exception as error:
        raise _damaged(name, error) from None
    return image


def _identified(file: IO[bytes], pil: Any) -> "PIL.Image.Image":
    """The PIL image of a file in one of the formats: those that Pillow knows at once are tried first."""

    def opened() -> "PIL.Image.Image":
        image: PIL.Image.Image = pil.open(file, formats=[name for name in FORMATS if name in pil.OPEN])
        return image

    pil.preinit()
    with suppress(pil.UnidentifiedImageError):
        return opened()
    pil.init()  # to import the others takes longer than to read most pictures
    return opened()


def _check_kind(mode: int, name: str) -> None:
    """Refuse what is no file: a pipe would be waited for, a device has no end."""
    if stat.S_ISDIR(mode):
        raise ImageError(f"{name} is a directory, not an image")
    if not stat.S_ISREG(mode):
        kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
        raise ImageError(f"{name} is {kinds.get(stat.S_IFMT(mode), 'a device')}, not an image file")


def _check_format(image: "PIL.Image.Image") -> None:
    """Refuse a PIL image whose file another program would have to decode, maybe when its pixels are first asked for."""
    if image.format not in (None, *FORMATS):
        raise ImageError(f"the PIL image is read from a file in the format {image.format}; give a copy() of it instead")


def _decoded(
    image: "PIL.Image.Image", name: str, limit: int | None, pil: Any, frame: int | None = None, as_stored: bool = False
) -> Picture:
    _check_size(image, name, limit)
    try:
        with quiet(pil.core) if image.format == "TIFF" else nullcontext():
            if frame is not None:
                image.seek(frame)
                # a page of a TIFF has a size of its own
                _check_size(image, name, limit)
            image.load()
        image = _upright(image, pil.Transpose)
        image = image if as_stored else in_srgb(image)
        deep = image.mode in ("I", "F") or image.mode.startswith("I;16")
        if image.has_transparency_data and not deep:
            image = image.convert("RGBA")
        elif image.mode not in ("1", "L", "RGB") and not deep:
            image = image.convert("RGB")
        array = _as_array(image)
    except (MemoryError, ImageError):
        raise
    except EOFError:
        named = name if name.endswith(f"[{frame}]") else f"{name}[{frame}]"
        raise ImageError(f"{named} is not there: the file has fewer frames, and they count from 0") from None
    # Damaged data surfaces as many types: OSError, SyntaxError, struct.error, IndexError, zlib.error, ...
    except Exception as error:
        raise _damaged(name, error) from None
    return as_picture(array, name)


def _check_size(image: "PIL.Image.Image", name: str, limit: int | None) -> None:
    """Refuse an image whose header says that it is too big."""
    most = _default_limit(image) if limit is None else limit
    if max(image.width * image.height, _tile_pixels(image)) > most:
        kind = "" if most >= LOAD_LIMIT or limit is not None else f" of {image.format} ({image.mode})"
        raise _too_big(name, most, _ADVICE, kind)


def _teach_heif() -> None:
    """Let Pillow read HEIC pictures if the library for that is installed."""
    with suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()


def _default_limit(image: "PIL.Image.Image") -> int:
    """The most pixels of a picture whose header is read, if the caller names no limit."""
    n_bytes = _DECODER_BYTES.get(image.format or "", 0)
    if image.format == "JPEG2000":
        n_bytes = _JPEG2000_BYTES + _JPEG2000_CHANNEL_BYTES * len(image.getbands())
    elif image.format in ("JPEG", "MPO") and image.mode == "CMYK":
        n_bytes = _CMYK_JPEG_BYTES
    return LOAD_LIMIT * _MOST_BYTES // max(n_bytes, _MOST_BYTES)


def _tile_pixels(image: "PIL.Image.Image") -> int:
    """Pixels of each tile that the file of a TIFF says it is made of; 0 for other pictures."""
    tags: Any = getattr(image, "tag_v2", {}) if image.format == "TIFF" else {}
    sides = [tags.get(tag) for tag in _TILE_TAGS]
    return sides[0] * sides[1] if all(isinstance(side, int) for side in sides) else 0


def _as_array(image: "PIL.Image.Image") -> Picture:
    """The pixels of a PIL image, as np.asarray gives them, but without two more copies on the way."""
    band = max(1, _BAND_PIXELS // max(1, image.width))
    if image.height <= band:
        return np.asarray(image)
    first = np.asarray(image.crop((0, 0, image.width, 1)))
    result = np.empty((image.height, *first.shape[1:]), first.dtype)
    for top in range(0, image.height, band):
        bottom = min(top + band, image.height)
        result[top:bottom] = np.asarray(image.crop((0, top, image.width, bottom)))
    return result


def _upright(image: "PIL.Image.Image", turns: Any) -> "PIL.Image.Image":
    # Not ImageOps.exif_transpose: it also writes the EXIF block anew, and fails on blocks that cameras do produce.
    try:
        orientation = image.getexif().get(_ORIENTATION_TAG)
    except Exception:
        orientation = None
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image if turn is None else image.transpose(turns[turn])


def _damaged(name: str, error: Exception) -> ImageError:
    reason = " ".join(str(error).split()) or type(error).__name__
    return ImageError(f"{name} is truncated or damaged ({reason})")


def _too_big(name: str, limit: int, advice: str, kind: str = "") -> ImageError:
    return ImageError(f"{name} is too big: more than {limit:,} pixels{kind}, {advice}")
