# Draws one window of a layer as QGIS does, without a screen: python3 qgis_window.py OUT.png CRS WIDTH HEIGHT MINX MINY MAXX MAXY PROVIDER URI
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRasterLayer,
    QgsRectangle,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

out, crs, width, height, *box, provider, uri = sys.argv[1:]
application = QgsApplication([], False)
application.initQgis()
try:
    layer = QgsRasterLayer(uri, "layer", provider)
    if not layer.isValid():
        sys.exit(f"QGIS cannot use {uri}: {layer.error().summary()}")
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(QgsCoordinateReferenceSystem(crs))
    settings.setOutputSize(QSize(int(width), int(height)))
    settings.setOutputDpi(96)
    settings.setExtent(QgsRectangle(*map(float, box)))
    settings.setBackgroundColor(QColor("white"))
    settings.setFlag(QgsMapSettings.Antialiasing, False)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    for error in job.errors():
        print(error.message, file=sys.stderr)
    job.renderedImage().save(out)
    print(Qgis.QGIS_VERSION)
finally:
    application.exitQgis()
