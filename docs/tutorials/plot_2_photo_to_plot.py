"""
A photo to a plot
=================

A photo becomes a file for a pen plotter in five steps: picture, points, network, graph, drawing. One call
does all of them; each step also stands alone. This tutorial shows both.
"""

# %%
# All in one call
# ---------------
#
# ``recipes.make`` takes a path, an array, or the name of a picture that comes with scikit-image, and returns
# the drawing and the graph. ``export.save`` writes the file; the ending of its name says which format.
from gng_fast import export, recipes

artwork = recipes.make("chelsea", style="tone", nodes=3000, seed=0)
export.save("cat.svg", drawing=artwork.drawing)

# %%
# The command line does the same: ``gng-fast draw chelsea --style tone --nodes 3000 -o cat.svg``.
#
# Step by step
# ------------
#
# **Picture to points.** The dark pixels of the horse are the data of the network. ``dark_points`` loads the
# picture, turns it grey, blurs it, and keeps what is darker than Otsu's threshold. ``load``, ``grey``,
# ``blur``, ``threshold`` and ``points`` are there one by one as well.
import matplotlib.pyplot as plt

from gng_fast import GrowingNeuralGas, drawing, image, styles

picture = image.load("horse")
points, shape = image.dark_points(picture)
print(shape, points.shape)

# %%
# **Points to graph.** The network learns where the dark pixels are.
model = GrowingNeuralGas(max_nodes=600, n_epochs=5, random_state=0).fit(points)
graph = model.graph_
print(graph)

figure, axes = plt.subplots(ncols=2, figsize=(9, 4))
axes[0].imshow(picture, cmap="gray")
axes[0].set_axis_off()
graph.plot(axes[1], color="black", linewidth=0.6)
axes[1].set_axis_off()

# %%
# **Graph to drawing.** A style turns the graph into strokes in millimetres. ``extent`` puts the whole picture
# on the page, not the horse alone.
lines = styles.mesh(graph, page="a5", margin=15, pen=0.4, extent=image.extent(shape))
print(f"{lines.width:g} x {lines.height:g} mm, {lines.n_strokes} strokes")
print(f"{lines.pen_up_length / 1000:.2f} m with the pen up")
print(f"{lines.plot_seconds() / 60:.0f} minutes to plot")

# %%
# **Drawing to plot.** Every edge is a stroke of its own, and the pen would be lifted for each. ``plan`` joins
# them to as few strokes as possible and puts these in a short order. The ink is the same.
planned = drawing.plan(lines)
print(f"{planned.n_strokes} strokes")
print(f"{planned.pen_up_length / 1000:.2f} m with the pen up")
print(f"{planned.plot_seconds() / 60:.0f} minutes to plot")

# %%
# **Drawing to file.** An SVG file has one layer for each pen, in true size. A PNG file shows it on the
# screen.
export.save("horse.svg", drawing=planned)

# %%
# Other looks
# -----------
#
# Each style is a recipe of its own; :doc:`/gallery/README` shows all of them, and ``recipes.PRESETS`` fills
# in the options for a purpose.
lowpoly = recipes.draw("astronaut", style="lowpoly", nodes=1500)
export.save("astronaut.png", drawing=lowpoly, pixels=700)

# %%
# A growing drawing is an animation. ``growth`` gives the graphs on the way; the last frame is the finished
# drawing.
artwork, graphs = recipes.growth("horse", style="shape", n_frames=12, nodes=400)
frames = [*map(artwork.draw, graphs), artwork.drawing]
export.write_gif(frames, "growth.gif", pixels=400, seconds=0.2)
