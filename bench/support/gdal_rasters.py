"""Answers, for each path of a JSON line {path, wkt, raw} on stdin, what GDAL reads there: one JSON line each. Only GDAL's own bindings are used."""
import hashlib
import json
import sys

from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_PAM_ENABLED", "NO")
TYPES = {"Byte": "uint8", "Int8": "int8", "UInt16": "uint16", "Int16": "int16", "UInt32": "uint32", "Int32": "int32", "Float32": "float32", "Float64": "float64"}
STEP_BYTES = 32 << 20


def strips(band):
    size = gdal.GetDataTypeSize(band.DataType) // 8
    rows = max(1, STEP_BYTES // (band.XSize * size))
    for y in range(0, band.YSize, rows):
        yield bytes(band.ReadRaster(0, y, band.XSize, min(rows, band.YSize - y)))


def digest(band, raw):
    sha = hashlib.sha256()
    for part in strips(band):
        sha.update(part)
        if raw is not None:
            raw.write(part)
    return sha.hexdigest()


def same_crs(ours, theirs):
    if ours is None or theirs is None:
        return None
    srs = osr.SpatialReference()
    srs.SetFromUserInput(ours)
    options = ["IGNORE_DATA_AXIS_TO_SRS_AXIS_MAPPING=YES", "CRITERION=EQUIVALENT_EXCEPT_AXIS_ORDER_GEOGCRS"]
    return bool(srs.IsSame(theirs, options)) or srs.ExportToProj4() == theirs.ExportToProj4()


def number(value):
    return None if value is None else repr(float(value))


def answer(path, wkt, raw_path):
    data = gdal.Open(path)
    theirs = data.GetSpatialRef()
    transform = data.GetGeoTransform(can_return_null=True)
    bands = [data.GetRasterBand(i + 1) for i in range(data.RasterCount)]
    raw = open(raw_path, "wb") if raw_path else None
    mask = bands[0].GetMaskFlags()
    return {
        "driver": data.GetDriver().ShortName,
        "width": data.RasterXSize,
        "height": data.RasterYSize,
        "types": [TYPES.get(gdal.GetDataTypeName(b.DataType)) for b in bands],
        "nodata": [number(b.GetNoDataValue()) for b in bands],
        "scales": [[b.GetScale(), b.GetOffset()] for b in bands],
        "descriptions": [b.GetDescription() for b in bands],
        "transform": None if transform is None else list(transform),
        "gcps": data.GetGCPCount(),
        "crs": None if theirs is None else (theirs.GetAuthorityCode(None) or theirs.GetName()),
        "sameCrs": same_crs(wkt, theirs),
        "overviews": [[bands[0].GetOverview(i).XSize, bands[0].GetOverview(i).YSize] for i in range(bands[0].GetOverviewCount())],
        "overviewDigests": [digest(bands[0].GetOverview(i), None) for i in range(bands[0].GetOverviewCount())],
        "maskDigest": digest(bands[0].GetMaskBand(), None) if mask & gdal.GMF_PER_DATASET and not mask & gdal.GMF_ALPHA else None,
        "digests": [digest(b, raw) for b in bands],
    }


for line in sys.stdin:
    request = json.loads(line)
    try:
        reply = answer(request["path"], request.get("wkt"), request.get("raw"))
    except Exception as error:  # every failure is an answer
        reply = {"error": str(error)}
    print(json.dumps(reply), flush=True)
